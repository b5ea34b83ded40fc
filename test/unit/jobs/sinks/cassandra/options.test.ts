import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cassandraOptions } from '../../../../../src/runtime/jobs/sinks/cassandra/options.ts';
import { readingStatement } from '../../../../../src/runtime/jobs/sinks/cassandra/reading-statement.ts';
import { tableName } from '../../../../../src/runtime/jobs/sinks/table-names.ts';
import { storeFlag } from '../../../../../src/runtime/stack/store-flag.ts';

it('what the topology says is what the sink reads', async () => {
  const at = {
    kind: 'cassandra' as const,
    contactPoints: ['a:9042', 'b:9043'],
    localDataCenter: 'dc2',
    keyspace: 'k',
  };
  const spec = {
    ...at,
    replication: 3,
    ttlSeconds: 2_592_000,
    bucketSeconds: 43_200,
    tls: true,
    ca: null,
    access: null,
  };
  const flag = storeFlag(at, spec);
  expect(flag).toBe('cassandra://a:9042,b:9043/k?dc=dc2&replication=3&bucket=43200s&ttl=2592000s&tls=true');
  expect(await cassandraOptions(flag, {})).toEqual({
    ...{ contactPoints: ['a:9042', 'b:9043'], localDataCenter: 'dc2', keyspace: 'k', replication: 3 },
    ...{ ttlSeconds: 2_592_000, bucketSeconds: 43_200, tls: { ca: null }, credentials: null },
  });
});

it('knows where a password came from', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'dds-options-'));
  try {
    const file = join(directory, 'password');
    await writeFile(file, 'secret\n');
    const options = (env: NodeJS.ProcessEnv, password?: { file: string }) =>
      cassandraOptions('cassandra://h:1/k', env, password && { username: 'u', password });
    const user = { DDS_CASSANDRA_USERNAME: 'u' };
    const found = await Promise.all([
      options({ ...user, DDS_CASSANDRA_PASSWORD: 'secret' }),
      options({ ...user, DDS_CASSANDRA_PASSWORD_FILE: file }),
      options({ ...user, DDS_CASSANDRA_PASSWORD: 'another' }, { file }),
    ]);
    expect(found.map(({ credentials }) => credentials)).toEqual(
      [
        'the variable DDS_CASSANDRA_PASSWORD',
        `the file ${file}`,
        `the file ${file}, which dds.yaml or --access names`,
      ].map((origin) => ({ username: 'u', password: 'secret', origin })),
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

it.each([
  ['cassandra://', {}, 'write it as cassandra://HOST:PORT'],
  ['cassandra://h:1/Upper', {}, 'a keyspace has lower-case letters'],
  ['cassandra://h:1/k?tll=3d', {}, 'tll is not one of dc, replication, ttl, bucket, tls, ca'],
  ['cassandra://h:1/k?replication=0', {}, 'replication is a number from 1'],
  ['cassandra://h:1/k?ttl=soon', {}, 'soon is not a time'],
  ['cassandra://u:secret@h:1/k', {}, '--store has credentials in it'],
  ['cassandra://h:1/k', { DDS_CASSANDRA_USERNAME: 'u' }, 'but no password'],
  [
    'cassandra://h:1/k',
    { DDS_CASSANDRA_USERNAME: 'u', DDS_CASSANDRA_PASSWORD_FILE: '/no/file' },
    'cannot read /no/file',
  ],
])('%s is refused', async (text, env, message) => {
  const error = await cassandraOptions(text, env).catch((thrown: Error) => thrown);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('secret');
});

it.each([
  ['SELECT * FROM t', 'SELECT * FROM t'],
  ['  -- why\n/* how */ select 1 ; ', 'select 1'],
  ['describe tables', 'describe tables'],
])('%s reads', (text, statement) => expect(readingStatement(text)).toBe(statement));

it.each([
  ['-- x\nDELETE FROM t', 'the statement would write: it is a DELETE'],
  ['use other', 'the statement would write: it is a USE'],
  ['BEGIN BATCH INSERT', 'the statement would write: it is a BEGIN'],
  ['/* only */ ;', 'there is no CQL statement in the text'],
  ['FROM t', 'begins no CQL statement'],
])('%s is refused', (text, message) => expect(() => readingStatement(text)).toThrow(message));

it('tables of long topics have names that fit', () => {
  const [one, other] = [`${'a'.repeat(60)}.1`, `${'a'.repeat(60)}.2`].map((topic) =>
    tableName(topic, new Set(), 48),
  );
  expect(one).toHaveLength(44);
  expect(one).not.toBe(other);
  expect(tableName('temperature-data', new Set(['temperature_data']), 48)).toBe('temperature_data_2');
});
