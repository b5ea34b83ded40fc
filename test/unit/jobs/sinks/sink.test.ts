import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { thesisSchema } from '../../../../src/runtime/serde/index.ts';
import { startBroker } from '../../../support/broker.ts';
import { eventually } from '../../../support/lab.ts';
import { ask, relayed, type SinkSite, startSinkSite } from '../../../support/sink.ts';

let site: SinkSite;
beforeEach(async () => {
  site = await startSinkSite();
});
afterEach(() => site[Symbol.asyncDispose]());

const schema = (fields: object[]) => ({ type: 'record', name: 'R', fields });
const reading = schema([
  { name: 'n', type: 'int' },
  { name: 'temperature', type: 'double' },
]);
const readings = (from: number, count: number, partition = 0) =>
  Array.from({ length: count }, (_, i) => ({
    key: `sensor-${(from + i) % 7}`,
    value: { n: from + i, temperature: 20 + i / 8 },
    partition,
  }));
const caughtUp = (sink: { info(): { rows: number } }, rows: number) =>
  eventually(`${rows} rows`, () => sink.info().rows === rows);

describe('a sink', () => {
  it('stops although its broker does not answer any more', async () => {
    await using running = await startBroker();
    await using other = await startSinkSite({ brokers: running.brokers });
    const sink = await other.sink({ followMs: 20 });
    const { faults } = running.broker;
    faults.add({ api: 'Metadata', action: { kind: 'delay', ms: 60_000 } });
    await eventually('a question without an answer', () => faults.list()[0]!.hits > 0);
    await sink.stop();
    expect(sink.info().state).toBe('stopped');
  });

  it('stores every record of every partition as a row, where it was and when', async () => {
    await site.createTopic({ name: 'some-topic', partitions: 3 });
    const sink = await site.sink();
    for (const partition of [0, 1, 2])
      await site.produce('some-topic', reading, readings(0, 5000, partition));
    await caughtUp(sink, 15_000);
    const totals = await ask(
      sink,
      `SELECT _partition, count(*), count(DISTINCT _offset), min(n), max(n), sum(temperature), any_value(site)
       FROM some_topic GROUP BY 1 ORDER BY 1`,
    );
    const sum = 20 * 5000 + (4999 * 5000) / 2 / 8;
    expect(totals).toEqual([0, 1, 2].map((p) => [p, 5000, 5000, 0, 4999, sum, 'edge-1']));
    const info = sink.info();
    expect(info).toMatchObject({
      state: 'following',
      lagRecords: 0,
      duplicates: 0,
      deadLetters: 0,
      trouble: null,
    });
    expect(info.latency).toMatchObject({ count: 15_000, negative: 0 });
    expect(info.latency.p50Ms).toBeGreaterThan(0);
  });

  it('goes on where it stopped, and follows new topics and partitions', async () => {
    await site.createTopic({ name: 'first' });
    const before = await site.sink();
    await site.produce('first', reading, readings(0, 10));
    await caughtUp(before, 10);
    await before.stop();
    await site.produce('first', reading, readings(10, 10));
    const sink = await site.sink();
    await caughtUp(sink, 10);
    await site.createTopic({ name: 'second' });
    await site.produce('second', reading, readings(0, 3));
    await site.kafka.admin().createPartitions('first', 2);
    await site.produce('first', reading, readings(20, 5, 1));
    await caughtUp(sink, 18);
    expect(await ask(sink, 'SELECT count(*), count(DISTINCT n) FROM first')).toEqual([[25, 25]]);
    expect(await ask(sink, 'SELECT count(*) FROM second')).toEqual([[3]]);
  });

  it('reads a topic that was made anew from its start', async () => {
    await site.createTopic({ name: 'again' });
    const sink = await site.sink();
    await site.produce('again', reading, readings(0, 5));
    await caughtUp(sink, 5);
    await site.kafka.admin().deleteTopics(['again']);
    await site.createTopic({ name: 'again' });
    await site.produce('again', reading, readings(100, 3));
    await eventually('rows of the new topic', async () => {
      const [row] = await ask(sink, 'SELECT count(*) FROM again');
      return row?.[0] === 8;
    });
    expect(await ask(sink, 'SELECT n FROM again WHERE n >= 100 ORDER BY n')).toEqual([[100], [101], [102]]);
  });

  it('takes only the topics it is told to, and never dead letters', async () => {
    for (const name of ['a-1', 'a-2', 'b-1', 'a-1.dead-letter']) {
      await site.createTopic({ name });
      await site.produce(name, reading, readings(0, 1));
    }
    const sink = await site.sink({ topics: ['a-*', 'a-1.dead-letter'], exclude: ['a-2'] });
    await caughtUp(sink, 1);
    expect(await ask(sink, 'SHOW TABLES')).toEqual([['a_1']]);
  });

  it('makes columns of new fields, and widens those whose type grew', async () => {
    await site.createTopic({ name: 't' });
    const sink = await site.sink();
    await site.produce('t', schema([{ name: 'n', type: 'int' }]), [{ value: { n: 1 } }]);
    await caughtUp(sink, 1);
    const wider = schema([
      { name: 'n', type: 'long' },
      { name: 'note', type: ['null', 'string'], default: null },
    ]);
    await site.produce('t', wider, [{ value: { n: 2n ** 60n, note: 'x' } }, { value: { n: 3, note: null } }]);
    await site.produce('t', schema([{ name: 'n', type: 'int' }]), [{ value: { n: 4 } }]);
    await caughtUp(sink, 4);
    expect(await ask(sink, 'SELECT n, note FROM t ORDER BY _offset')).toEqual([
      [1, null],
      [String(2n ** 60n), 'x'],
      [3, null],
      [4, null],
    ]);
    await sink.stop();
    const again = await site.sink();
    await site.produce('t', wider, [{ value: { n: 5, note: 'after' } }]);
    await caughtUp(again, 1);
    expect(await ask(again, 'SELECT note FROM t WHERE n = 5')).toEqual([['after']]);
  });

  it('keeps the latest of each key of a compacted topic', async () => {
    await site.createTopic({ name: 'sensor-registration', configs: { 'cleanup.policy': 'compact' } });
    const sink = await site.sink();
    const registration = JSON.parse(thesisSchema('SensorRegistration')) as object;
    const value = (name: string) => ({ name, description: '', device_id: 'd', sensor_type_id: 't' });
    await site.produce('sensor-registration', registration, [
      { key: 's1', value: value('one') },
      { key: 's2', value: value('two') },
      { key: 's1', value: value('one again') },
      { key: 's3', value: value('three') },
    ]);
    await eventually(
      'the three',
      async () =>
        (await ask(sink, 'SELECT count(*) FROM sensor_registration').catch(() => [[0]]))[0]?.[0] === 3,
    );
    await site.produce('sensor-registration', registration, [
      { key: 's2', value: null },
      { key: 's3', value: value('third') },
    ]);
    await eventually('the change', async () => {
      const rows = await ask(sink, 'SELECT _key, name FROM sensor_registration ORDER BY 1');
      return JSON.stringify(rows) === '[["s1","one again"],["s3","third"]]';
    });
  });
});

describe('exactly once', () => {
  it('skips what a relay sent again, also after a restart', async () => {
    await site.createTopic({ name: 't' });
    const first = await site.sink({ site: 'central' });
    const from = (name: string, offset: number, topicId = 1) => ({
      value: { n: offset, temperature: topicId },
      headers: relayed(name, offset, { topic: 't', partition: 0 }, topicId),
    });
    await site.produce('t', reading, [
      from('edge-1', 0),
      from('edge-1', 1),
      from('edge-2', 0),
      from('edge-1', 1),
    ]);
    await caughtUp(first, 3);
    await first.stop();
    const sink = await site.sink({ site: 'central' });
    await site.produce('t', reading, [
      from('edge-1', 0),
      from('edge-1', 1),
      from('edge-1', 2),
      from('edge-2', 0),
      // The topic was made anew at the source: its offsets count from 0 again.
      from('edge-2', 0, 2),
      { value: { n: 99, temperature: 0 } },
    ]);
    await eventually('all read', () => sink.info().rows + sink.info().duplicates === 6);
    expect(sink.info().duplicates).toBe(3);
    expect(await ask(sink, 'SELECT site, n, temperature FROM t ORDER BY ALL')).toEqual([
      ['central', 99, 0],
      ['edge-1', 0, 1],
      ['edge-1', 1, 1],
      ['edge-1', 2, 1],
      ['edge-2', 0, 1],
      ['edge-2', 0, 2],
    ]);
  });
});

it('stores what was made of relayed records and still has their headers', async () => {
  await site.createTopic({ name: 'events', partitions: 2 });
  const sink = await site.sink({ site: 'central' });
  // Of three partitions of the readings, in the order in which somebody came to them; every client may pass headers on.
  const events = [
    { offset: 40, from: 0 },
    { offset: 7, from: 1 },
    { offset: 7, from: 2 },
    { offset: 8, from: 1 },
  ].map(({ offset, from }, n) => ({
    value: { n, temperature: offset },
    headers: relayed('edge-1', offset, { topic: 'readings', partition: from }),
  }));
  await site.produce('events', reading, events);
  await eventually('all read', () => sink.info().rows + sink.info().duplicates === events.length);
  expect(await ask(sink, 'SELECT n, temperature FROM events ORDER BY n')).toEqual([
    [0, 40],
    [1, 7],
    [2, 7],
    [3, 8],
  ]);
});

describe('what cannot be stored', () => {
  it('goes to the dead-letter topic with the reason, once, and holds nothing up', async () => {
    await site.createTopic({ name: 't', partitions: 2 });
    const sink = await site.sink();
    const unknownId = Buffer.from([0, 0, 0, 3, 231, 1]);
    await site.produce('t', reading, [
      { value: Buffer.from('plain text'), key: 'k' },
      { value: { n: 1, temperature: 1 } },
      { value: null },
      { value: unknownId, partition: 1 },
      { value: { n: 2, temperature: 2 }, partition: 1 },
    ]);
    const conflicting = schema([{ name: 'n', type: 'string' }]);
    await fetch(`${site.registryUrl}/config`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"compatibility":"NONE"}',
    });
    await site.produce('t', conflicting, [{ value: { n: 'text' } }]);
    await eventually('all read', () => sink.info().rows + sink.info().deadLetters === 6);
    expect(sink.info()).toMatchObject({ rows: 2, deadLetters: 4, trouble: null });
    const letters: [number, number, string, string | undefined][] = [];
    const fetcher = site.kafka.fetcher();
    for (const partition of [0, 1]) fetcher.seek('t.dead-letter', partition, 0);
    await eventually('four letters', async () => {
      for (const { partition, records } of (await fetcher.poll(100)).partitions) {
        while (records.next()) {
          const text = (name: string) => records.header(name)?.toString();
          letters.push([
            partition,
            Number(text('dds-dead-letter-offset')),
            text('dds-dead-letter-reason')!,
            records.key()?.toString(),
          ]);
        }
      }
      return letters.length >= 4;
    });
    await fetcher.close();
    expect(letters.sort()).toEqual([
      [0, 0, 'not Avro in the wire format of the Schema Registry', 'k'],
      [0, 2, 'no value (a tombstone), in a topic that is not compacted', undefined],
      [
        0,
        3,
        expect.stringMatching(/^schema id \d+: field n is VARCHAR, but the column is INTEGER$/),
        undefined,
      ],
      [1, 0, 'schema id 999 is not registered', undefined],
    ]);
  });
});
