import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCassandra, type TestCassandra, withoutCassandra } from '../support/cassandra.ts';
import { type Workspace, workspace } from '../support/cli.ts';

if (withoutCassandra) process.stderr.write(`${withoutCassandra}\n`);

describe.skipIf(withoutCassandra !== null)('a sink that cannot have its Cassandra', () => {
  let cassandra: TestCassandra;
  let lab: Workspace;
  beforeAll(async () => {
    cassandra = await startCassandra({ auth: true });
    lab = workspace();
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    await cassandra?.[Symbol.asyncDispose]();
  });

  const lines = async (store: string, env: Record<string, string> = {}) => {
    const args = [
      'run',
      'sink',
      '--site',
      'a',
      '--brokers',
      '127.0.0.1:1',
      '--registry',
      'http://127.0.0.1:1',
    ];
    const { code, stderr } = await lab.dds([...args, '--store', store], { env });
    return [code, ...stderr.split('\n')];
  };
  const refused = async (store: string, env?: Record<string, string>) =>
    (await lines(store, env)).slice(0, 2);
  const asUser = (password: string) => ({
    ...{ DDS_CASSANDRA_USERNAME: 'cassandra', DDS_CASSANDRA_PASSWORD: password },
  });

  it('says in one line what is wrong', async () => {
    const { contactPoint } = cassandra;
    const at = `the database cassandra ${contactPoint}/k`;
    expect(await refused(cassandra.flag('k'))).toEqual([
      3,
      `error: ${at}, node ${contactPoint}: a username and a password are needed`,
    ]);
    const [code, line, hint] = await lines(cassandra.flag('k'), asUser('wrong'));
    expect([code, line]).toEqual([
      3,
      `error: ${at}, node ${contactPoint}: the password of cassandra is wrong, or there is no such user`,
    ]);
    expect(hint).toContain('taken from the variable DDS_CASSANDRA_PASSWORD');
    expect(await refused(`cassandra://${contactPoint}/k?dc=nowhere`, asUser('cassandra'))).toEqual([
      3,
      `error: ${at}: there is no data centre nowhere; there is datacenter1`,
    ]);
    expect((await refused(cassandra.flag('k', '&tls=true'), asUser('cassandra'))).join()).toMatch(
      /^3,error: the database cassandra .*: TLS failed: /,
    );
    expect(await refused('cassandra://127.0.0.1:1/k?dc=datacenter1')).toEqual([
      3,
      'error: the database cassandra 127.0.0.1:1/k, node 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1',
    ]);
  });

  it('takes the password from a file', async () => {
    const file = join(lab.directory, 'password');
    writeFileSync(file, 'cassandra\n');
    const env = { DDS_CASSANDRA_USERNAME: 'cassandra', DDS_CASSANDRA_PASSWORD_FILE: file };
    // It has come as far as the broker.
    const [code, line] = await refused(cassandra.flag('k'), env);
    expect([code, line]).toEqual([3, expect.stringContaining('127.0.0.1:1')]);
    expect(line).not.toContain('database');
  });
});
