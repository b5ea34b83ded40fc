import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startGuardedApicurio, withoutApicurio } from '../support/apicurio.ts';
import { startCassandra, type TestCassandra, withoutCassandra } from '../support/cassandra.ts';
import { hasOpenssl, TestAuthority } from '../support/certificates.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { expectError } from '../support/honesty.ts';
import { type SecureKafka, startSecureKafka, withoutKafka } from '../support/kafka-containers.ts';
import { processesWith, status, until } from '../support/stack.ts';

const missing =
  withoutKafka ??
  withoutApicurio ??
  withoutCassandra ??
  (process.env.DDS_TEST_CASSANDRA ? 'skipped: the node of DDS_TEST_CASSANDRA asks for no password' : null);
if (missing) process.stderr.write(`${missing}\n`);

const users = { dds: 'correct-horse', guest: 'battery-staple' };
const secrets = {
  KAFKA_PASSWORD: users.dds,
  GUEST_PASSWORD: users.guest,
  REGISTRY_PASSWORD: 'registry-secret',
  CASSANDRA_PASSWORD: 'cassandra',
  WRONG: 'wrong',
};

describe.skipIf(missing !== null || !hasOpenssl)('clusters in containers, which dds did not start', () => {
  let lab: Workspace;
  let kafka: SecureKafka;
  let registry: Awaited<ReturnType<typeof startGuardedApicurio>>;
  let cassandra: TestCassandra;
  const parts: Promise<AsyncDisposable>[] = [];
  const started = <T extends AsyncDisposable>(part: Promise<T>): Promise<T> => {
    parts.push(part);
    return part;
  };

  beforeAll(async () => {
    lab = workspace();
    const certificates = join(lab.directory, 'certificates');
    mkdirSync(certificates);
    const authority = new TestAuthority(certificates);
    new TestAuthority(certificates, 'stranger');
    const certificate = authority.issue('broker', 'IP:127.0.0.1');
    const all = await Promise.allSettled([
      started(startSecureKafka(certificate, users, certificates)).then((one) => (kafka = one)),
      started(startGuardedApicurio('dds', secrets.REGISTRY_PASSWORD)).then((one) => (registry = one)),
      started(startCassandra({ auth: true })).then((one) => (cassandra = one)),
    ]);
    for (const one of all) if (one.status === 'rejected') throw one.reason;
  }, 600_000);
  afterAll(async () => {
    await Promise.allSettled(parts.map(async (part) => (await part)[Symbol.asyncDispose]()));
    await lab?.[Symbol.asyncDispose]();
  });

  const dds = (line: string) => lab.dds(line.split(' '), { env: secrets, timeoutMs: 90_000 });
  const topology = () => `
sites:
  edge-1:
  edge-2:
  central:
    engine: external
    kafka:
      brokers: ['${kafka.secure}']
      tls: { ca: certificates/ca.pem }
      sasl: { mechanism: scram-sha-512, username: dds, password: { env: KAFKA_PASSWORD } }
    registry: { url: '${registry.url}', username: dds, password: { env: REGISTRY_PASSWORD } }
    store:
      cassandra:
        contact-points: ['${cassandra.contactPoint}']
        datacenter: datacenter1
        username: cassandra
        password: { env: CASSANDRA_PASSWORD }
topics:
  temperature-data: { partitions: 2, schema: TemperatureData }
relays: { relay: }
sinks: { sink: }
`;
  const write = (...changes: [string, string][]) => {
    let text = topology();
    for (const [what, by] of changes) {
      expect(text).toContain(what);
      text = text.replace(what, by);
    }
    writeFileSync(join(lab.directory, 'dds.yaml'), text);
  };
  /** `up` is refused, with nothing started and nothing written. */
  const refused = async (code: Parameters<typeof expectError>[1], message: RegExp) => {
    const result = await dds('up --ports auto');
    // What was found well may stand before it.
    const stderr = result.stderr.replace(/^central: .* answers.*\n/gm, '');
    expectError({ ...result, stderr }, code, message);
    for (const secret of Object.values(secrets).filter((one) => one !== 'wrong' && one !== 'cassandra'))
      expect(result.stderr).not.toContain(secret);
    expect(readdirSync(lab.directory).sort()).toEqual(['certificates', 'dds.yaml']);
  };

  test('what is wrong with the brokers is one line', async () => {
    write([kafka.secure, '127.0.0.1:1']);
    await refused(
      'DDS_BROKER_UNREACHABLE',
      /central: broker 127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)/,
    );
    for (const mechanism of ['scram-sha-512', 'scram-sha-256', 'plain']) {
      write(['scram-sha-512', mechanism], ['env: KAFKA_PASSWORD', 'env: WRONG']);
      await refused('DDS_AUTHENTICATION', /central: broker \S+ does not accept user dds/);
    }
    write(['scram-sha-512, username: dds, password:', 'oauthbearer, token:']);
    await refused('DDS_AUTHENTICATION', /central: broker \S+ does not offer SASL by OAUTHBEARER/);
    write(['tls: { ca: certificates/ca.pem }', '']);
    await refused('DDS_TLS', /central: broker \S+ wants TLS on this port/);
    write([kafka.secure, kafka.clear]);
    await refused('DDS_TLS', /central: broker \S+ does not speak TLS on this port/);
    write(['ca.pem', 'stranger.pem']);
    await refused('DDS_TLS', /central: the certificate of broker \S+ is not trusted/);
    write([`sasl: { mechanism: scram-sha-512, username: dds, password: { env: KAFKA_PASSWORD } }`, '']);
    await refused('DDS_AUTHENTICATION', /central: broker \S+ wants SASL, and none is set/);
  });

  test('what is wrong with the registry is one line', async () => {
    write([registry.url, 'http://127.0.0.1:1']);
    await refused('DDS_REGISTRY_UNREACHABLE', /central: the Schema Registry/);
    write(['env: REGISTRY_PASSWORD', 'env: WRONG']);
    await refused(
      'DDS_AUTHENTICATION',
      /central: the Schema Registry at \S+ does not accept us: HTTP status 401/,
    );
    write([', username: dds, password: { env: REGISTRY_PASSWORD }', '']);
    await refused('DDS_AUTHENTICATION', /central: the Schema Registry/);
  });

  test('what is wrong with Cassandra is one line', async () => {
    write([cassandra.contactPoint, '127.0.0.1:1']);
    await refused('DDS_STORE_UNREACHABLE', /central: .*127\.0\.0\.1:1.*ECONNREFUSED/);
    write(['datacenter: datacenter1', 'datacenter: nowhere']);
    await refused(
      'DDS_STORE_UNREACHABLE',
      /central: .* there is no data centre nowhere; there is datacenter1/,
    );
    write(['env: CASSANDRA_PASSWORD', 'env: WRONG']);
    await refused(
      'DDS_STORE_UNREACHABLE',
      /central: .* the password of cassandra is wrong[\s\S]*taken from the variable WRONG, which dds\.yaml/,
    );
  });

  test('a user that may not make topics is told, and nothing is left running', async () => {
    write(['username: dds, password: { env: KAFKA', 'username: guest, password: { env: GUEST']);
    const { code, stderr } = await dds('up --ports auto');
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /^error: topics of central: creating temperature-data: .*\(TOPIC_AUTHORIZATION_FAILED\)\n {2}.*ACL.* \(DDS_NOT_ALLOWED\)\n$/m,
    );
    expect(JSON.parse((await dds('ls --json')).stdout).stacks).toMatchObject(
      expect.not.arrayContaining([expect.objectContaining({ state: 'ready', directory: lab.directory })]),
    );
    expect(readdirSync(join(lab.directory, '.dds', 'default'))).not.toContain('processes.json');
  });

  test('a mixed stack relays, stores and answers all; up again does nothing, down stops the jobs alone', async () => {
    write();
    const up = await dds('up --ports auto');
    expect(`${up.code}\n${up.stderr}`).toMatch(/^0\n/);
    expect(up.stderr).toMatch(/central: Kafka \S+ answers \(1 broker, TLS, SCRAM-SHA-512\)/);
    expect(up.stderr).toMatch(/central: Schema Registry \S+ answers/);
    expect(up.stderr).toMatch(/central: Cassandra \S+ answers \(data centre datacenter1\)/);
    const before = await status(lab);

    for (const site of ['edge-1', 'edge-2']) {
      const sent = await dds(`simulate --site ${site} --sensors 10 --count 2000 --rate max --no-register`);
      expect(sent).toMatchObject({ code: 0 });
    }
    const rows = async () => {
      const { stdout } = await dds('query --site central --csv -f count.cql');
      return Number(stdout.trim().split('\n').at(-1));
    };
    writeFileSync(join(lab.directory, 'count.cql'), 'SELECT count(*) FROM temperature_data');
    await until(rows, (count) => count === 4000, 60_000);
    expect((await dds('top -n 1')).stdout).toMatch(/ready/);
    const { stdout } = await dds('doctor --json');
    const { checks } = JSON.parse(stdout) as { checks: { check: string; verdict: string }[] };
    const outside = checks.filter(({ check }) => check.startsWith('central '));
    expect(outside.map(({ check, verdict }) => [check, verdict])).toEqual([
      ['central Kafka', 'ok'],
      ['central Schema Registry', 'ok'],
      ['central Cassandra', 'ok'],
    ]);

    const again = await dds('up --json');
    expect(JSON.parse(again.stdout)).toMatchObject({ started: false });
    const pids = ({ services }: typeof before) => services.map(({ service, pid }) => [service, pid]);
    expect(pids(await status(lab))).toEqual(pids(before));

    expect(await dds('down')).toMatchObject({ code: 0 });
    const left = before.services.flatMap(({ pid }) => pid ?? []);
    expect(processesWith([before.supervisorPid, ...left])).toEqual([]);
    // What was there before is there still, with all that it was given.
    const store = await cassandra.run('dds_central', 'SELECT count(*) FROM temperature_data');
    expect(String(store[0])).toBe('4000');
    expect(await dds('doctor')).toMatchObject({ code: 0 });
  });
});
