/**
 * CPU time a record costs the client, ours against kafkajs, over one embedded broker in a process of its own.
 * Run: node bench/kafka-port.ts [records]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { type EachBatchPayload, Kafka as Kafkajs, logLevel } from 'kafkajs';
import { createBroker } from '../src/runtime/broker/index.ts';
import { createKafka } from '../src/runtime/kafka/index.ts';
import { BatchBuilder, RecordWalker } from '../src/runtime/protocol/index.ts';
import { silentLogger } from '../src/shared/logger.ts';

const BATCH = 500;
const PARTITIONS = 4;
const KEY = Buffer.from('sensor-000123');
const VALUE = Buffer.alloc(40, 7);
const HEADER = { key: 'dds-intended', value: Buffer.alloc(8) };

interface Cost {
  cpuMicros: number;
  perSecond: number;
}

async function measure(records: number, work: () => Promise<void> | void): Promise<Cost> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { cpuMicros: (user + system) / records, perSecond: (records / (performance.now() - begin)) * 1000 };
}

async function serve(): Promise<void> {
  const listeners = [{ name: 'local', host: '127.0.0.1', port: 0 }];
  const broker = createBroker({ nodeId: 1, dataDir: null, listeners, log: silentLogger });
  await broker.start(new AbortController().signal);
  process.send?.(broker.ports.local);
  process.once('disconnect', () => process.exit());
}

function encodeOurs(records: number): Promise<Cost> {
  return measure(records, () => {
    for (let i = 0; i < records / BATCH; i++) {
      const builder = new BatchBuilder(BATCH * 96);
      for (let j = 0; j < BATCH; j++) builder.append(KEY, VALUE, 1000 + j, [HEADER]);
      builder.build();
    }
  });
}

function decodeOurs(records: number): Promise<Cost> {
  const builder = new BatchBuilder();
  for (let j = 0; j < BATCH; j++) builder.append(KEY, VALUE, 1000 + j, [HEADER]);
  const batch = builder.build();
  return measure(records, () => {
    let bytes = 0;
    for (let i = 0; i < records / BATCH; i++) {
      const walker = new RecordWalker(batch);
      while (walker.next())
        bytes += walker.key()!.length + walker.value()!.length + walker.header(HEADER.key)!.length;
    }
    if (bytes === 0) throw new Error('nothing decoded');
  });
}

async function ours(broker: string, records: number): Promise<{ produce: Cost; consume: Cost }> {
  const kafka = createKafka({ brokers: [broker], clientId: 'bench' });
  await kafka.admin().createTopics([{ name: 'ours', partitions: PARTITIONS }]);
  const producer = kafka.producer();
  await producer.start();
  await producer.partitionCount('ours');
  const produce = await measure(records, async () => {
    for (let i = 0; i < records; i++) {
      if (i % BATCH === 0) await producer.below(20_000);
      producer.append('ours', i % PARTITIONS, KEY, VALUE, 1000 + i, [HEADER], i);
    }
    await producer.flush();
  });
  const fetcher = kafka.fetcher();
  for (let partition = 0; partition < PARTITIONS; partition++) fetcher.seek('ours', partition, 0);
  const consume = await measure(records, async () => {
    for (let read = 0; read < records; ) {
      for (const { records: cursor } of (await fetcher.poll(5000)).partitions) {
        for (; cursor.next(); read++)
          if (!cursor.key() || !cursor.value() || !cursor.header(HEADER.key)) return;
      }
    }
  });
  await kafka.close();
  return { produce, consume };
}

async function theirs(broker: string, records: number): Promise<{ produce: Cost; consume: Cost }> {
  const kafka = new Kafkajs({ brokers: [broker], clientId: 'bench', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.createTopics({
    topics: [{ topic: 'theirs', numPartitions: PARTITIONS }],
    waitForLeaders: false,
  });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
  await producer.connect();
  const headers = { [HEADER.key]: HEADER.value };
  const produce = await measure(records, async () => {
    const open = new Set<Promise<unknown>>();
    for (let i = 0; i < records; i += BATCH) {
      const messages = Array.from({ length: BATCH }, (_, j) => ({
        key: KEY,
        value: VALUE,
        headers,
        timestamp: String(1000 + i + j),
        partition: j % PARTITIONS,
      }));
      const sending = producer.send({ topic: 'theirs', messages }).finally(() => open.delete(sending));
      open.add(sending);
      if (open.size >= 5) await Promise.race(open);
    }
    await Promise.all(open);
  });
  const consumer = kafka.consumer({ groupId: 'bench' });
  await consumer.connect();
  await consumer.subscribe({ topic: 'theirs', fromBeginning: true });
  // The group has to join first, so the clock starts with the first batch, which then does not count.
  let read = 0;
  let skipped = 0;
  let cpu = process.cpuUsage();
  let begin = performance.now();
  const consume = await new Promise<Cost>((resolve, reject) => {
    const eachBatch = async ({ batch }: EachBatchPayload): Promise<void> => {
      if (read === 0) {
        skipped = batch.messages.length;
        cpu = process.cpuUsage();
        begin = performance.now();
      }
      read += batch.messages.length;
      if (read < records) return;
      const { user, system } = process.cpuUsage(cpu);
      const measured = read - skipped;
      resolve({
        cpuMicros: (user + system) / measured,
        perSecond: (measured / (performance.now() - begin)) * 1000,
      });
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  await producer.disconnect();
  await admin.disconnect();
  return { produce, consume };
}

async function main(): Promise<void> {
  const records = Number(process.argv[2] ?? 200_000);
  const child = fork(import.meta.filename, ['--broker']);
  try {
    const [port] = (await once(child, 'message')) as [number];
    const broker = `127.0.0.1:${port}`;
    // Once to warm up, once to measure.
    for (const count of [Math.min(records, 40_000), records]) {
      const encode = await encodeOurs(count);
      const decode = await decodeOurs(count);
      const own = await ours(broker, count);
      const other = await theirs(broker, count);
      if (count !== records) continue;
      const line = (what: string, cost: Cost, than?: Cost) =>
        process.stdout.write(
          `${what.padEnd(22)}${cost.cpuMicros.toFixed(2).padStart(8)} µs CPU/record ${Math.round(cost.perSecond).toLocaleString('en').padStart(10)}/s${than ? `  ${(than.cpuMicros / cost.cpuMicros).toFixed(1)} times less CPU` : ''}\n`,
        );
      line('encode, ours', encode);
      line('decode, ours', decode);
      line('produce, kafkajs', other.produce);
      line('produce, ours', own.produce, other.produce);
      line('consume, kafkajs', other.consume);
      line('consume, ours', own.consume, other.consume);
    }
  } finally {
    child.disconnect();
  }
}

await (process.argv[2] === '--broker' ? serve() : main());
