import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { thesisSchema } from '../../src/runtime/serde/index.ts';
import { startCassandra, type TestCassandra, withoutCassandra } from '../support/cassandra.ts';
import { eventually } from '../support/lab.ts';
import { ask, relayed, type SinkSite, startSinkSite } from '../support/sink.ts';

if (withoutCassandra) process.stderr.write(`${withoutCassandra}\n`);

const schema = (...fields: object[]) => ({ type: 'record', name: 'R', fields });
const n = { name: 'n', type: 'int' };
const never = new AbortController().signal;

describe.skipIf(withoutCassandra !== null)('a sink with Cassandra', () => {
  let cassandra: TestCassandra;
  let site: SinkSite;
  let keyspace = '';
  let keyspaces = 0;
  beforeAll(async () => {
    cassandra = await startCassandra();
  }, 120_000);
  afterAll(() => cassandra?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    site = await startSinkSite();
    keyspace = `test_${++keyspaces}`;
  });
  afterEach(() => site[Symbol.asyncDispose]());

  const start = async (more?: string) => site.sink({ store: await cassandra.store(keyspace, more) });
  const caughtUp = (sink: { info(): { rows: number; lagRecords: number } }, rows: number) =>
    eventually(`${rows} rows`, () => sink.info().rows === rows && sink.info().lagRecords === 0, 30_000);

  it('makes a table of the thesis’s record, in time buckets, newest first', async () => {
    await site.createTopic({ name: 'temperature-data', partitions: 2 });
    const at = Date.UTC(2026, 2, 1, 12);
    const value = { sensor_id: 's-1', timestamp: at, temperature: 21.5, unit: 'C' };
    await site.produce('temperature-data', JSON.parse(thesisSchema('TemperatureData')), [
      { key: 's-1', value, partition: 0, timestamp: at },
      // The same ms of the same sensor: a row of its own.
      { key: 's-1', value, partition: 0, timestamp: at },
      { key: 's-1', value, partition: 1, timestamp: at },
      { key: 's-1', value: { ...value, timestamp: at + 1 }, partition: 0, timestamp: at },
      {
        key: 's-2',
        value: { ...value, sensor_id: 's-2' },
        headers: relayed('edge-7', 1, { topic: 'temperature-data', partition: 0 }),
        timestamp: at,
      },
    ]);
    const sink = await start('&ttl=30d');
    await caughtUp(sink, 5);
    const rows = await ask(
      sink,
      `SELECT ts, "timestamp", temperature, unit, site, "_key", "_partition", "_offset" FROM temperature_data
       WHERE sensor_id = 's-1' AND bucket = '2026-03-01T00:00Z'`,
    );
    const iso = (ms: number) => new Date(ms).toISOString();
    expect(rows).toEqual([
      [iso(at + 1), at + 1, 21.5, 'C', 'edge-1', 's-1', 0, 2],
      [iso(at), at, 21.5, 'C', 'edge-1', 's-1', 1, 0],
      [iso(at), at, 21.5, 'C', 'edge-1', 's-1', 0, 1],
      [iso(at), at, 21.5, 'C', 'edge-1', 's-1', 0, 0],
    ]);
    const [[madeAt, latencyMs] = []] = await ask(
      sink,
      "SELECT site, latency_ms FROM temperature_data WHERE sensor_id = 's-2' AND bucket = '2026-03-01T00:00Z'",
    );
    expect(madeAt).toBe('edge-7');
    expect(Math.abs(Date.now() - at - Number(latencyMs))).toBeLessThan(60_000);
    const [[made]] = (await ask(sink, 'DESCRIBE TABLE temperature_data')).map((row) => row.slice(-1)) as [
      [string],
    ];
    expect(made).toContain('PRIMARY KEY ((sensor_id, bucket), ts, "_partition", "_offset", "_generation")');
    expect(made).toContain('TimeWindowCompactionStrategy');
    expect(made).toContain('default_time_to_live = 2592000');
    expect(await sink.store.count('temperature_data', [], never)).toEqual({ rows: 5, distinct: 5 });
    expect(await sink.store.count('temperature_data', ['sensor_id', 'timestamp'], never)).toEqual({
      rows: 5,
      distinct: 3,
    });
    expect(await sink.store.count('nothing', [], never)).toEqual({ rows: 0, distinct: 0 });
  });

  it('stores every type that Avro has', async () => {
    await site.createTopic({ name: 'types' });
    const logical = (type: string, logicalType: string, more = {}) => ({ type, logicalType, ...more });
    const fields = [
      ['b', 'boolean', true, true],
      ['i', 'int', -7, -7],
      ['l', 'long', -9007199254740991, -9007199254740991],
      ['f', 'float', 0.5, 0.5],
      ['d', 'double', Number.NaN, 'NaN'],
      ['s', 'string', 'a "b" \u00e9', 'a "b" \u00e9'],
      ['by', 'bytes', Buffer.from([0, 255]), 'AP8='],
      ['none', ['null', 'string'], null, null],
      ['map', { type: 'map', values: 'int' }, { a: 1 }, '{"a":1}'],
      ['t', logical('long', 'timestamp-millis'), 1, '1970-01-01T00:00:00.001Z'],
      ['u', logical('long', 'timestamp-micros'), 1_000_001, 1_000_001],
      ['day', logical('int', 'date'), -1, '1969-12-31'],
      ['time', logical('int', 'time-millis'), 61_001, '00:01:01.001'],
      ['dec', logical('bytes', 'decimal', { precision: 9, scale: 2 }), Buffer.from([0xff, 0x85]), -1.23],
    ] as const;
    const record = Object.fromEntries(fields.map(([name, , value]) => [name, value]));
    const types = schema(...fields.map(([name, type]) => ({ name, type })));
    await site.produce('types', types, [{ key: null, value: record }]);
    const sink = await start();
    await caughtUp(sink, 1);
    const names = fields.map(([name]) => `"${name}"`).join(', ');
    expect(await ask(sink, `SELECT ${names} FROM types`)).toEqual([fields.map(([, , , stored]) => stored)]);
  });

  it('makes columns of new fields, and of those whose type grew', async () => {
    await site.createTopic({ name: 'growing' });
    const sink = await start();
    await site.produce('growing', schema(n), [{ key: 'a', value: { n: 1 } }]);
    await caughtUp(sink, 1);
    const wider = schema(
      { name: 'n', type: 'long' },
      { name: 'unit', type: ['null', 'string'], default: null },
    );
    await site.produce('growing', wider, [{ key: 'a', value: { n: 2 ** 40, unit: 'C' } }]);
    await caughtUp(sink, 2);
    await site.produce('growing', schema(n), [{ key: 'a', value: { n: 3 } }]);
    await caughtUp(sink, 3);
    const rows = () => ask(sink, 'SELECT "_offset", n, n_bigint, unit FROM growing');
    expect((await rows()).sort()).toEqual([
      [0, 1, null, null],
      [1, null, 2 ** 40, 'C'],
      [2, 3, 3, null],
    ]);
    await sink.stop();
    const next = await start();
    await site.produce('growing', wider, [{ key: 'a', value: { n: 4, unit: null } }]);
    await caughtUp(next, 1);
    expect(await next.store.count('growing', [], never)).toEqual({ rows: 4, distinct: 4 });
  });

  it('keeps the latest of each key of a compacted topic, whatever the time of the records', async () => {
    await site.createTopic({ name: 'reg', configs: { 'cleanup.policy': 'compact' } });
    const named = schema(
      { name: 'name', type: 'string' },
      { name: 'note', type: ['null', 'string'], default: null },
    );
    const at = Date.now();
    const put = (key: string, name: string | null, ago = 0, note: string | null = null) =>
      site.produce('reg', named, [
        { key, value: name === null ? null : { name, note }, timestamp: at - ago },
      ]);
    const first = await start();
    await put('a', 'one', 0, 'x');
    await put('b', 'two');
    await caughtUp(first, 2);
    // Older than what is there, but written later: they win.
    await put('a', 'three', 60_000);
    await put('b', null, 60_000);
    await put('c', 'four', 60_000);
    await eventually('all', async () => (await first.store.count('reg', [], never)).rows === 2);
    const rows = async (sink: typeof first) => (await ask(sink, 'SELECT "_key", name, note FROM reg')).sort();
    await eventually('the last ones', async () => (await rows(first)).flat().includes('four'));
    expect(await rows(first)).toEqual([
      ['a', 'three', null],
      ['c', 'four', null],
    ]);
    await first.stop();
    const second = await start();
    await put('a', 'five', 120_000);
    await caughtUp(second, 1);
    expect(await rows(second)).toEqual([
      ['a', 'five', null],
      ['c', 'four', null],
    ]);
  });

  it('reads a topic that was made anew from its start, and keeps what it had', async () => {
    await site.createTopic({ name: 'again' });
    const same = { key: 'k', value: { n: 1 }, timestamp: 1_700_000_000_000 };
    const sink = await start();
    await site.produce('again', schema(n), [same, same]);
    await caughtUp(sink, 2);
    await site.kafka.admin().deleteTopics(['again']);
    await site.createTopic({ name: 'again' });
    await site.produce('again', schema(n), [same]);
    // What the sink counts begins anew where it saw that the topic was gone.
    const count = () => sink.store.count('again', [], never);
    await eventually('3 rows', async () => (await count()).rows === 3, 30_000);
    expect(await count()).toEqual({ rows: 3, distinct: 3 });
  });

  it('skips what a relay sent again, also after a restart', async () => {
    await site.createTopic({ name: 'relayed' });
    const send = (...offsets: number[]) =>
      site.produce(
        'relayed',
        schema(n),
        offsets.map((offset) => ({
          value: { n: offset },
          headers: relayed('edge-2', offset, { topic: 'relayed', partition: 0 }),
        })),
      );
    const first = await start();
    await send(0, 1, 2, 1, 2, 3);
    await caughtUp(first, 4);
    await first.stop();
    const second = await start();
    await send(2, 3, 4);
    await caughtUp(second, 1);
    expect(second.info().duplicates).toBe(2);
    expect(await second.store.count('relayed', ['n'], never)).toEqual({ rows: 5, distinct: 5 });
  });

  it('sends what cannot be stored to the dead-letter topic, and holds nothing up', async () => {
    await site.createTopic({ name: 'bad' });
    await site.createTopic({ name: 'bad-keys', configs: { 'cleanup.policy': 'compact' } });
    const sink = await start();
    await site.produce('bad', null, [{ value: Buffer.from('no Avro') }]);
    await site.produce('bad', schema(n), [
      { key: 'x'.repeat(70_000), value: { n: 1 } },
      { key: 'ok', value: { n: 2 } },
    ]);
    await site.produce('bad-keys', schema(n), [
      { key: '', value: { n: 1 } },
      { key: 'ok', value: { n: 2 } },
    ]);
    await caughtUp(sink, 2);
    expect(sink.info()).toMatchObject({ deadLetters: 3, trouble: null });
    const fetcher = site.kafka.fetcher();
    const reasons: string[] = [];
    for (const topic of ['bad.dead-letter', 'bad-keys.dead-letter']) fetcher.seek(topic, 0, 0);
    await eventually('three reasons', async () => {
      for (const { records } of (await fetcher.poll(100)).partitions) {
        while (records.next()) reasons.push(records.header('dds-dead-letter-reason')!.toString());
      }
      return reasons.length === 3;
    });
    await fetcher.close();
    expect(reasons.sort()).toEqual([
      'an empty key, which Cassandra does not take',
      'an id of 70000 bytes is too long for a key of Cassandra',
      'not Avro in the wire format of the Schema Registry',
    ]);
  });

  it('takes a topic with a name that is too long for a table, and fields with the names of its own columns', async () => {
    const topic = `plant.${'very-'.repeat(20)}long`;
    await site.createTopic({ name: topic });
    const odd = schema(
      { name: 'bucket', type: 'string' },
      { name: 'Ts', type: 'int' },
      { name: 'site', type: 'int' },
    );
    await site.produce(topic, odd, [{ key: 'k', value: { bucket: 'b', Ts: 1, site: 2 } }]);
    const sink = await start();
    await caughtUp(sink, 1);
    const [table] = (await sink.store.describe(never)).tables;
    expect(table).toMatchObject({ topic, rows: 1, mode: 'append' });
    expect(table!.table).toMatch(/^plant_very_[a-z_]{0,30}_[0-9a-f]{8}$/);
    expect(await ask(sink, `SELECT bucket_, "Ts_", site_, site FROM ${table!.table}`)).toEqual([
      ['b', 1, 2, 'edge-1'],
    ]);
  });

  it('finishes what a sink that was killed had only noted', async () => {
    await site.createTopic({ name: 'half' });
    const first = await start();
    await site.produce('half', schema(n), [{ key: 'a', value: { n: 1 } }]);
    await caughtUp(first, 1);
    await first.stop();
    await cassandra.run(keyspace, 'ALTER TABLE half DROP n');
    const next = await start();
    await site.produce('half', schema(n), [{ key: 'a', value: { n: 2 } }]);
    await caughtUp(next, 1);
    expect((await ask(next, 'SELECT n FROM half')).flat().sort()).toEqual([2, null]);
  });
});
