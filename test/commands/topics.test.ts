import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKafka } from '../../src/runtime/kafka/index.ts';
import { workspace } from '../support/cli.ts';
import { startConsumer } from '../support/consumer.ts';
import { json, status } from '../support/stack.ts';

/** One stack for all: topics, schemas and groups are what a stack keeps. */
const space = workspace();
let edge: string[] = [];
const schemaOf = (fields: object[]) => JSON.stringify({ type: 'record', name: 'Reading', fields });

beforeAll(async () => {
  writeFileSync(
    join(space.directory, 'dds.yaml'),
    'name: plant\nsites: { edge-1: {}, edge-2: {} }\ntopics: { base: { partitions: 2 } }\n',
  );
  const up = await space.dds(['up', '--ports', 'auto']);
  expect(up).toMatchObject({ code: 0 });
  edge = (await status(space)).sites[0]!.brokers;
}, 60_000);
afterAll(() => space[Symbol.asyncDispose]());

async function produce(topic: string, count: number) {
  const kafka = createKafka({ brokers: edge, clientId: 'test' });
  const producer = kafka.producer();
  try {
    await producer.start();
    for (let i = 0; i < count; i++)
      // Of now: what is older than the retention goes when the broker next looks.
      producer.append(topic, i % 2, null, Buffer.from(`${i}`), Date.now(), null, i);
    await producer.flush();
  } finally {
    await kafka.close();
  }
}

interface Sites<T> {
  sites: ({ site: string } & T)[];
}

describe('topics', () => {
  test('are created at all sites, listed, described, altered', async () => {
    const create = ['topics', 'create', 't', '-p', '2', '--config', 'retention.ms=-1'];
    const nowhere = await space.dds(create);
    expect(nowhere).toMatchObject({ code: 2, stdout: '' });
    expect(nowhere.stderr).toContain('--site all');
    const created = await space.dds([...create, '--site', 'all']);
    expect(created).toMatchObject({
      code: 0,
      stdout: 'edge-1: t created, 2 partitions\nedge-2: t created, 2 partitions\n',
    });
    expect((await space.dds([...create, '--site', 'all'])).stderr).toContain('DDS_TOPIC_EXISTS');
    await produce('t', 10);
    type Listed = Sites<{ topics: { topic: string; records: number; bytes: number; retentionMs: number }[] }>;
    const listed = await json<Listed>(space, ['topics', 'list', 't*']);
    expect(listed.sites.map(({ topics }) => topics)).toEqual([
      [expect.objectContaining({ topic: 't', partitions: 2, records: 10, retentionMs: -1 })],
      [expect.objectContaining({ topic: 't', partitions: 2, records: 0, bytes: 0 })],
    ]);
    const table = await space.dds(['topics', 'list', '--internal', '--site', 'edge-1']);
    expect(table.stdout).toMatch(/^edge-1 +_schemas .* compacted/m);
    expect(table.stdout).toMatch(/^edge-1 +t +2 +10 .* for ever/m);

    const altered = await space.dds([
      ...['topics', 'alter', 't', '--partitions', '3', '--unset', 'retention.ms'],
      ...['--config', 'segment.bytes=1048576', '--site', 'edge-1'],
    ]);
    expect(altered).toMatchObject({ code: 0 });
    expect(altered.stdout).toContain('partitions 2 → 3');
    expect(altered.stdout).toContain('retention.ms -1 → 604800000');
    const described = await space.dds(['topics', 'describe', 't', '--site', 'edge-1']);
    expect(described.stdout).toContain('segment.bytes=1048576');
    expect(described.stdout).not.toContain('retention.ms');
    expect(described.stdout).toMatch(/^ +2 +1 +1 +1 +0 +0 +0 B$/m);
  });

  test('what cannot be changes nothing anywhere, and says why', async () => {
    const cases: [string[], string][] = [
      [['alter', 't', '--partitions', '2'], 'would be fewer'],
      [['alter', 't'], 'nothing to change'],
      [['alter', 't', '--config', 'retention.ms=soon'], 'retention.ms'],
      [['alter', 't', '--config', 'retention'], 'NAME=VALUE'],
      [['create', 'a b', '--config', 'x=1'], 'a b'],
      [['create', 'new', '--config', 'x=1'], 'x'],
      [['delete', 'bsae'], 'Did you mean base?'],
      [['delete', '_schemas', '-y'], 'internal'],
      [['delete', 't*'], '--yes'],
      [['delete', 't'], '--yes'],
      [['purge', 't'], '--yes'],
      [['purge', 't', '-y', '--before', 'then'], 'not a position'],
    ];
    for (const [args, said] of cases) {
      const { code, stderr } = await space.dds(['topics', ...args, '--site', 'all']);
      expect([args, code, stderr]).toEqual([args, 2, expect.stringContaining(said)]);
    }
    const { sites } = await json<Sites<{ topics: { topic: string }[] }>>(space, ['topics', 'list']);
    expect(sites.map(({ topics }) => topics.map(({ topic }) => topic))).toEqual([
      ['base', 't'],
      ['base', 't'],
    ]);
  });

  test('records are purged and topics deleted, after a look', async () => {
    const purge = ['topics', 'purge', 't', '--site', 'edge-1', '--before', '2'];
    expect((await space.dds([...purge, '--dry-run'])).stdout).toContain('4 records would be removed');
    expect((await space.dds([...purge, '-y'])).stdout).toBe(
      'edge-1: 4 records removed\n  t/0: start 0 → 2\n  t/1: start 0 → 2\n',
    );
    expect((await space.dds(['topics', 'purge', 't', '--site', 'all', '-y'])).stdout).toContain('6 records');
    const dry = await space.dds(['topics', 'delete', 't*', '--site', 'all', '--dry-run']);
    expect(dry.stdout).toContain('edge-2: t would be deleted');
    expect((await space.dds(['topics', 'delete', 't', '--site', 'edge-2', '-y'])).code).toBe(0);
    const list = await space.dds(['topics', 'list', 't']);
    expect(list.stdout).toContain('edge-1');
    expect(list.stdout).not.toContain('edge-2');
  });
});

test('schemas are registered, shown, checked and deleted', async () => {
  const id = { name: 'id', type: 'string' };
  writeFileSync(join(space.directory, 'one.avsc'), schemaOf([id]));
  writeFileSync(
    join(space.directory, 'two.avsc'),
    schemaOf([id, { name: 'x', type: ['null', 'int'], default: null }]),
  );
  writeFileSync(join(space.directory, 'bad.avsc'), schemaOf([id, { name: 'x', type: 'int' }]));
  writeFileSync(join(space.directory, 'no.avsc'), '{');
  const made = await space.dds(['topics', 'create', 'r', '--schema', 'one.avsc', '--site', 'all']);
  expect(made.stdout).toContain('edge-2: r created, 1 partition, schema id');

  const check = (file: string) => space.dds(['schemas', 'check', 'r-value', file]);
  expect(await check('two.avsc')).toMatchObject({ code: 0 });
  const refused = await check('bad.avsc');
  expect(refused).toMatchObject({ code: 4 });
  expect(refused.stdout).toContain("The field 'x'");
  expect((await check('no.avsc')).stderr).toContain('DDS_INPUT_INVALID');
  expect((await check('none.avsc')).stderr).toContain('DDS_FILE_UNREADABLE');
  const register = (file: string) => space.dds(['schemas', 'register', 'r-value', file, '--site', 'all']);
  expect(await register('bad.avsc')).toMatchObject({ code: 4, stdout: '' });
  expect((await register('two.avsc')).stdout).toMatch(/^edge-1: r-value version 2, id \d+\nedge-2: /);
  expect((await register('two.avsc')).stdout).toContain('was there already');

  const listed = await space.dds(['schemas', 'list', '--site', 'edge-1']);
  expect(listed.stdout).toMatch(/^edge-1 +r-value +1-2 +\d+ +AVRO +BACKWARD$/m);
  const shown = await space.dds(['schemas', 'show', 'r-value:1']);
  expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'Reading', fields: [id] });
  const piped = await space.dds(['schemas', 'check', 'r-value', '-'], { input: shown.stdout });
  expect(piped).toMatchObject({ code: 0 });
  expect((await space.dds(['schemas', 'show', 'r-valeu'])).stderr).toContain('Did you mean r-value?');
  expect((await space.dds(['schemas', 'show', 'r-value:7'])).stderr).toContain('no version 7');

  const remove = ['schemas', 'delete', 'r-value', '--site', 'all'];
  expect(await space.dds(remove)).toMatchObject({ code: 2 });
  expect((await space.dds([...remove, '--dry-run'])).stdout).toContain('r-value 1-2 would be deleted');
  expect((await space.dds(['schemas', 'delete', 'r-value:1', '--site', 'edge-1', '-y'])).code).toBe(0);
  expect((await space.dds([...remove, '--permanent', '-y'])).stdout).toContain('deleted for good');
  expect((await space.dds([...remove, '-y'])).stderr).toContain('DDS_UNKNOWN_SUBJECT');
});

test('groups are listed, described, reset and deleted, but not while they have members', async () => {
  await produce('base', 10);
  const reset = (...args: string[]) => space.dds(['groups', 'reset', 'g', '--site', 'edge-1', ...args]);
  {
    await using consumer = await startConsumer(edge, { group: 'g', topic: 'base' });
    await consumer.read(10);
    const described = await space.dds(['groups', 'describe', 'g']);
    expect(described.stdout).toContain('g at edge-1: Stable');
    expect(described.stdout).toMatch(/base +0 .* reader \(127\.0\.0\.1\)/);
    const busy = await reset('--to', 'earliest', '-y');
    expect(busy.code).toBe(2);
    expect(busy.stderr).toContain('has a member: reader (127.0.0.1)');
    expect((await space.dds(['groups', 'delete', 'g', '--site', 'edge-1', '-y'])).code).toBe(2);
  }
  await produce('base', 4);
  expect((await space.dds(['groups', 'list'])).stdout).toMatch(/^edge-1 +g +Empty +0 +4 +base$/m);
  expect((await reset('--shift=-2', '--dry-run')).stdout).toBe(
    'edge-1: g would be reset\n  base/0: 5 → 3\n  base/1: 5 → 3\n',
  );
  expect((await reset('--to', 'latest')).stderr).toContain('--yes');
  expect((await reset('--to', '1', '--topic', 'base:1', '-y')).stdout).toBe(
    'edge-1: g reset\n  base/1: 5 → 1\n',
  );
  for (const wrong of [[], ['--shift', 'x'], ['--to', 'x'], ['--to', '1', '--topic', 'base:9']]) {
    expect([wrong, (await reset(...wrong, '-y')).code]).toEqual([wrong, 2]);
  }
  type Described = Sites<{ groups: { lag: number; partitions: { committed: number; lag: number }[] }[] }>;
  const { sites } = await json<Described>(space, ['groups', 'describe', 'g', '--site', 'edge-1']);
  expect(sites[0]!.groups[0]).toMatchObject({
    lag: 8,
    partitions: [
      { partition: 0, committed: 5, lag: 2 },
      { partition: 1, committed: 1, lag: 6 },
    ],
  });
  {
    await using again = await startConsumer(edge, { group: 'g', topic: 'base' });
    await again.read(8);
    expect(again.values).toHaveLength(8);
  }
  expect((await space.dds(['groups', 'delete', 'g', '--site', 'all', '-y'])).stdout).toBe(
    'edge-1: g deleted\n',
  );
  expect((await space.dds(['groups', 'describe', 'g'])).stderr).toContain('DDS_UNKNOWN_GROUP');
});

test('a site that does not answer is told, and the others are shown', async () => {
  const { services } = await status(space);
  const pid = services.find(({ service }) => service === 'edge-2/site')!.pid!;
  process.kill(pid, 'SIGSTOP');
  try {
    const list = await space.dds(['topics', 'list']);
    expect(list.code).toBe(3);
    expect(list.stdout).toContain('edge-1');
    expect(list.stderr).toContain('edge-2');
  } finally {
    process.kill(pid, 'SIGCONT');
  }
});
