import { expect, test } from 'vitest';
import {
  type ConsumedRecord,
  createKafka,
  deadLetterHeaders,
  type Kafka,
  openConsumer,
  openProducer,
  type TopicConsumer,
  t,
  topic,
} from '../../src/runtime/clients/index.ts';
import { avroSerdes } from '../../src/runtime/streams/index.ts';
import { startBroker } from '../support/broker.ts';
import { startRegistry } from '../support/registry.ts';

interface Reading {
  sensor_id: string;
  celsius: number;
}
const schema = JSON.stringify({
  type: 'record',
  name: 'Reading',
  fields: [
    { name: 'sensor_id', type: 'string' },
    { name: 'celsius', type: 'double' },
  ],
});
const texts = topic('texts', { key: t.string, value: t.string });

const open = (brokers: string[]): Kafka & AsyncDisposable => {
  const kafka = createKafka({ brokers, clientId: 'test' });
  return Object.assign(kafka, { [Symbol.asyncDispose]: () => kafka.close() });
};

/** Reads until it has so many records, committing each batch. */
async function read<K, V>(consumer: TopicConsumer<K, V>, count: number, commit = true) {
  const records: ConsumedRecord<K, V>[] = [];
  for await (const batch of consumer.batches(AbortSignal.timeout(15_000))) {
    records.push(...batch);
    if (commit) expect(await batch.commit()).toBe(true);
    if (records.length >= count) break;
  }
  return records;
}

test('Avro records come out as they went in, with key, time and headers', async () => {
  await using running = await startBroker();
  await using registry = await startRegistry();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 'readings', partitions: 3 }]);
  const readings = topic('readings', {
    key: t.string,
    value: avroSerdes(registry.url).of<Reading>(schema),
  });
  await using producer = await openProducer(kafka, readings);
  for (let i = 0; i < 100; i++) {
    const id = `s${i % 7}`;
    producer.add(id, { sensor_id: id, celsius: i }, { timestamp: 1000 + i, headers: { n: String(i) } });
  }
  producer.add('gone', null);
  expect(() => producer.add('x', { sensor_id: 'x', celsius: 'warm' } as never)).toThrow(
    'does not fit the schema',
  );
  await producer.flush();
  expect(producer.pending).toBe(0);

  await using consumer = await openConsumer(kafka, { topic: readings, group: 'g' });
  const records = await read(consumer, 101);
  expect(records).toHaveLength(101);
  expect(records.find(({ key }) => key === 'gone')?.value).toBeNull();
  const seventh = records.find(({ value }) => value?.celsius === 7)!;
  expect(seventh).toMatchObject({ key: 's0', timestamp: 1007, value: { sensor_id: 's0', celsius: 7 } });
  expect(seventh.headers.map(({ key, value }) => `${key}=${value}`)).toEqual(['n=7']);
  // A key stays in one partition, and in order.
  const ofOne = records.filter(({ key }) => key === 's3');
  expect(new Set(ofOne.map(({ partition }) => partition)).size).toBe(1);
  expect(ofOne.map(({ value }) => value!.celsius)).toEqual([...ofOne].map((_, at) => 3 + 7 * at));
  expect((await registry.call('GET', '/subjects')).body).toEqual(['readings-value']);
});

test('what is committed does not come again, and what is not does', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 'texts', partitions: 2 }]);
  await using producer = await openProducer(kafka, texts);
  const send = async (...values: string[]) => {
    for (const value of values) producer.add(value, value);
    await producer.flush();
  };
  const group = async (count: number, commit: boolean) => {
    await using consumer = await openConsumer(kafka, { topic: texts, group: 'g' });
    return (await read(consumer, count, commit)).map(({ value }) => value).sort();
  };
  await send('a', 'b', 'c');
  expect(await group(3, false)).toEqual(['a', 'b', 'c']);
  expect(await group(3, true)).toEqual(['a', 'b', 'c']);
  await send('d');
  expect(await group(1, true)).toEqual(['d']);

  await using late = await openConsumer(kafka, { topic: texts, group: 'other', from: 'latest' });
  const reading = read(late, 1);
  // It begins at the end of what is there when it has joined.
  await expect.poll(() => late.trouble).toBeNull();
  let sent = 0;
  while ((await Promise.race([reading.then(() => true), send(`e${sent++}`).then(() => false)])) === false);
  expect((await reading)[0]!.value).toMatch(/^e/);
});

test('records that cannot be read or worked on are set aside before the commit', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 'numbers', partitions: 1 }]);
  const raw = topic('numbers', { key: t.string, value: t.string });
  const numbers = topic('numbers', { key: t.string, value: t.json<number>() });
  {
    await using producer = await openProducer(kafka, raw);
    for (const value of ['1', 'no number', '-3', '4'])
      producer.add('k', value, { headers: { from: 'test' } });
  }
  const seen: number[] = [];
  const told: string[] = [];
  {
    await using consumer = await openConsumer(kafka, {
      ...{ topic: numbers, group: 'g', deadLetterTopic: 'numbers.dead-letter' },
      onDeadLetter: ({ offset }, reason) => told.push(`${offset} ${(reason as Error).message}`),
    });
    for await (const batch of consumer.batches(AbortSignal.timeout(15_000))) {
      for (const record of batch) {
        if (record.value! > 0) seen.push(record.value!);
        else batch.deadLetter(record, new Error('below zero'));
      }
      await batch.commit();
      if (seen.length === 2) break;
    }
  }
  expect(seen).toEqual([1, 4]);
  expect(told).toHaveLength(2);
  expect(told[1]).toBe('2 below zero');
  const letters = topic('numbers.dead-letter', { key: t.string, value: t.string });
  await using reader = await openConsumer(kafka, { topic: letters, group: 'letters' });
  const found = (await read(reader, 2)).map(({ key, value, headers }) => ({
    ...{ key, value },
    ...Object.fromEntries(headers.map((header) => [header.key, String(header.value)])),
  }));
  expect(found).toEqual([
    expect.objectContaining({ key: 'k', value: 'no number', from: 'test' }),
    expect.objectContaining({
      ...{ value: '-3', [deadLetterHeaders.reason]: 'below zero' },
      [deadLetterHeaders.source]: 'numbers/0@2',
    }),
  ]);

  await using strict = await openConsumer(kafka, { topic: numbers, group: 'strict' });
  await expect(read(strict, 4)).rejects.toThrow(/^numbers\/0@1: /);
});

test('a consumer commits nothing any more once a dead letter was refused', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([
    { name: 'texts', partitions: 1 },
    { name: 'small', partitions: 1, configs: { 'max.message.bytes': '100' } },
  ]);
  await using producer = await openProducer(kafka, texts);
  for (const value of ['a', 'b'.repeat(200), 'c']) producer.add(null, value);
  await producer.flush();
  {
    await using consumer = await openConsumer(kafka, { topic: texts, group: 'g', deadLetterTopic: 'small' });
    for await (const batch of consumer.batches(AbortSignal.timeout(15_000))) {
      for (const record of batch) batch.deadLetter(record, 'no');
      await expect(batch.commit()).rejects.toThrow(/^producing to small\/0: /);
      await expect(batch.commit()).rejects.toThrow(/^producing to small\/0: /);
      break;
    }
  }
  expect(await kafka.admin().committed('g', [{ topic: 'texts', partition: 0 }])).toEqual([-1]);
});

test('consumers of a group share the partitions, and share anew when one leaves', async () => {
  await using running = await startBroker({ config: { 'group.initial.rebalance.delay.ms': '0' } });
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 'texts', partitions: 5 }]);
  await using producer = await openProducer(kafka, texts);
  const stop = new AbortController();
  const seen = [new Map<string, number>(), new Map<string, number>()];
  const partitions = [new Set<number>(), new Set<number>()];
  const consume = async (at: number, signal: AbortSignal) => {
    await using consumer = await openConsumer(kafka, { topic: texts, group: 'g' });
    for await (const batch of consumer.batches(signal)) {
      for (const { value, partition } of batch) {
        seen[at]!.set(value!, (seen[at]!.get(value!) ?? 0) + 1);
        partitions[at]!.add(partition);
      }
      await batch.commit();
    }
  };
  const first = new AbortController();
  const all = [consume(0, first.signal), consume(1, stop.signal)];
  let sent = 0;
  const sizesAfterSending = async () => {
    for (let i = 0; i < 50; i++) producer.add(`k${sent}`, `v${sent++}`);
    await producer.flush();
    return partitions.map(({ size }) => size);
  };
  await expect.poll(sizesAfterSending, { timeout: 15_000 }).toSatisfy((sizes) => Math.min(...sizes) >= 2);
  first.abort();
  await all[0];
  for (const some of partitions) some.clear();
  await expect.poll(sizesAfterSending, { timeout: 15_000 }).toContain(5);
  const values = () => new Set([...seen[0]!.keys(), ...seen[1]!.keys()]).size;
  await expect.poll(values, { timeout: 15_000 }).toBe(sent);
  stop.abort();
  await Promise.all(all);
});

test('a producer says when enough is under way, and tells what failed', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 'texts', partitions: 1 }]);
  await using producer = await openProducer(kafka, texts, { maxPending: 3 });
  expect([1, 2, 3].map((n) => producer.add(null, `${n}`))).toEqual([true, true, false]);
  await producer.drain();
  expect(producer.pending).toBeLessThan(3);
  await producer.flush();

  await using hasty = await openProducer(kafka, texts, { deliveryTimeoutMs: 300 });
  await kafka.admin().deleteTopics(['texts']);
  hasty.add('k', 'too late');
  await expect(hasty.flush()).rejects.toThrow('was not acknowledged in 300 ms');
  // Told once.
  await hasty.flush();
  await expect(openProducer(kafka, texts)).rejects.toMatchObject({ code: 'DDS_UNKNOWN_TOPIC' });
});
