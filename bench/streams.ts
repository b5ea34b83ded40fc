/**
 * The detector, by both guarantees, beside a consumer that only decodes the same readings; how long an event takes to be seen by
 * readers of what is committed; what the state of many sensors takes; how long it takes to read it back. Each in a process of its own, the broker in another.
 * Run: node bench/streams.ts [readings] [sensors with state] [rounds]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBroker } from '../src/runtime/broker/index.ts';
import {
  defaultDetector,
  detectorOptions,
  detectorTopics,
  detectorTopology,
} from '../src/runtime/jobs/detector/index.ts';
import { createKafka, partitionFor } from '../src/runtime/kafka/index.ts';
import { createRegistry } from '../src/runtime/registry/index.ts';
import {
  AvroDecoder,
  avroType,
  createRegistryClient,
  createWireEncoder,
  thesisSchema,
} from '../src/runtime/serde/index.ts';
import { avroSerdes, type GuaranteeName, streams } from '../src/runtime/streams/index.ts';
import { silentLogger } from '../src/shared/logger.ts';

const partitions = 4;
const latencySamples = 300;
const [readings = 1_000_000, sensors = 100_000, rounds = 3] = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number);

interface Cluster {
  brokers: string[];
  registry: string;
}

async function serve(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'dds-bench-'));
  const listeners = [{ name: 'local', host: '127.0.0.1', port: 0 }];
  const broker = createBroker({ nodeId: 1, dataDir, listeners, log: silentLogger });
  const never = new AbortController().signal;
  await broker.start(never);
  const brokers = [`127.0.0.1:${broker.ports.local}`];
  const registry = createRegistry({
    kafka: { brokers, clientId: 'registry' },
    host: '127.0.0.1',
    port: 0,
    log: silentLogger,
  });
  await registry.start(never);
  process.send?.({ brokers, registry: registry.url });
  await once(process, 'message');
  await registry.stop();
  await broker.stop();
  rmSync(dataDir, { recursive: true, force: true });
  process.exit();
}

/** Readings of 1000 sensors that swing between 15 and 105 °C, and one hot reading of each of many. */
async function fill({ brokers, registry }: Cluster): Promise<void> {
  const kafka = createKafka({ brokers, clientId: 'fill' });
  // The readings are old.
  const configs = { 'retention.ms': '-1' };
  await kafka.admin().createTopics(
    ['swinging', 'hot', ...guarantees.map((one) => `events-${one}`), 'hot-events'].map((name) => ({
      ...{ name, partitions, configs },
    })),
  );
  const schema = thesisSchema('TemperatureData');
  const id = await createRegistryClient(registry).register('swinging-value', schema);
  const encode = createWireEncoder(id, avroType(schema));
  const producer = kafka.producer();
  await producer.start();
  const put = (topic: string, sensor_id: string, timestamp: number, temperature: number) => {
    const key = Buffer.from(sensor_id);
    const value = encode({ sensor_id, timestamp, temperature, unit: 'C' });
    producer.append(topic, partitionFor(key, partitions), key, value, timestamp, null, 0);
  };
  const from = 1_700_000_000_000;
  for (let i = 0; i < readings; i++) {
    const sensor = i % 1000;
    put('swinging', `sensor-${sensor}`, from + i, 60 + 45 * Math.sin(i / 50_000 + sensor));
    if (i % 5000 === 0) await producer.below(20_000);
  }
  for (let i = 0; i < sensors; i++) {
    put('hot', `sensor-${i}`, from + i, 150);
    if (i % 5000 === 0) await producer.below(20_000);
  }
  await producer.close();
  await kafka.close();
}

/** Records a second of a consumer that decodes every value. */
async function decode({ brokers, registry }: Cluster): Promise<{ rate: number }> {
  const kafka = createKafka({ brokers, clientId: 'decode' });
  const decoder = new AvroDecoder(createRegistryClient(registry));
  const fetcher = kafka.fetcher();
  for (let partition = 0; partition < partitions; partition++) fetcher.seek('swinging', partition, 0);
  const signal = new AbortController().signal;
  const began = performance.now();
  let count = 0;
  let sum = 0;
  while (count < readings) {
    const { partitions: fetched } = await fetcher.poll(500, signal);
    for (const { records } of fetched) {
      while (records.next()) {
        const decoded = decoder.decode(records.value());
        const { value } = decoded instanceof Promise ? await decoded : decoded;
        sum += (value as { temperature: number }).temperature;
        count++;
      }
    }
  }
  const rate = count / ((performance.now() - began) / 1000);
  await fetcher.close();
  await kafka.close();
  if (!Number.isFinite(sum)) throw new Error('nothing was decoded');
  return { rate };
}

const guarantees = ['at-least-once', 'exactly-once'] as const;

function detector(
  { brokers, registry }: Cluster,
  id: string,
  topic: string,
  events: string,
  guarantee: GuaranteeName = 'at-least-once',
) {
  const kafka = createKafka({ brokers, clientId: id });
  const topics = detectorTopics(avroSerdes(registry), { topic, events });
  const app = streams(detectorTopology(id, topics, detectorOptions(defaultDetector)), {
    ...{ kafka, guarantee },
  });
  const sum = (read: 'processed' | 'lagRecords') =>
    app.info().tasks.reduce((total, task) => total + task[read], 0);
  return { kafka, app, sum };
}

/** @param round its number and the guarantee */
async function detect(cluster: Cluster, round: string): Promise<{ rate: number }> {
  const guarantee = round.slice(round.indexOf(' ') + 1) as GuaranteeName;
  const id = `bench-${round.replace(' ', '-')}`;
  const { kafka, app, sum } = detector(cluster, id, 'swinging', `events-${guarantee}`, guarantee);
  await app.start();
  const began = performance.now();
  while (sum('processed') < readings) await new Promise((resolve) => setTimeout(resolve, 5));
  const rate = readings / ((performance.now() - began) / 1000);
  await app.close();
  await kafka.close();
  return { rate };
}

/** From the writing of a reading to when a reader of what is committed has the event of it, ms; a reading each 20 ms. */
async function latency(cluster: Cluster, round: string): Promise<{ medianMs: number; p99Ms: number }> {
  const guarantee = round.slice(round.indexOf(' ') + 1) as GuaranteeName;
  const name = `latency-${round.replace(' ', '-')}`;
  const { kafka, app } = detector(cluster, name, name, `${name}-events`, guarantee);
  await kafka.admin().createTopics([name, `${name}-events`].map((topic) => ({ name: topic, partitions })));
  const schema = thesisSchema('TemperatureData');
  const id = await createRegistryClient(cluster.registry).register(`${name}-value`, schema);
  const encode = createWireEncoder(id, avroType(schema));
  await app.start();
  const producer = kafka.producer({ lingerMs: 0 });
  await producer.start();
  const fetcher = kafka.fetcher();
  for (let partition = 0; partition < partitions; partition++) fetcher.seek(`${name}-events`, partition, 0);
  const sent: number[] = [];
  const took: number[] = [];
  const key = Buffer.from('sensor');
  const partition = partitionFor(key, partitions);
  const timer = setInterval(() => {
    if (sent.length === latencySamples) return;
    // Above and below in turn: each reading gives an event.
    const temperature = sent.length % 2 === 0 ? 150 : 20;
    const value = encode({ sensor_id: 'sensor', timestamp: Date.now(), temperature, unit: 'C' });
    sent.push(performance.now());
    producer.append(name, partition, key, value, Date.now(), null, 0);
  }, 20);
  while (took.length < latencySamples) {
    for (const { records } of (await fetcher.poll(500)).partitions)
      while (records.next()) took.push(performance.now() - sent[took.length]!);
  }
  clearInterval(timer);
  await fetcher.close();
  await producer.close();
  await app.close();
  await kafka.close();
  took.sort((a, b) => a - b);
  return { medianMs: took[took.length >> 1]!, p99Ms: took[Math.floor(took.length * 0.99)]! };
}

async function hold(cluster: Cluster): Promise<{ rssMiB: number; heapMiB: number }> {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const { kafka, app, sum } = detector(cluster, 'bench-hot', 'hot', 'hot-events');
  await app.start();
  while (sum('processed') < sensors) await new Promise((resolve) => setTimeout(resolve, 5));
  const rssMiB = process.memoryUsage.rss() / 2 ** 20;
  globalThis.gc?.();
  const heapMiB = (process.memoryUsage().heapUsed - before.heapUsed) / 2 ** 20;
  await app.close();
  await kafka.close();
  return { rssMiB, heapMiB };
}

async function restore(cluster: Cluster): Promise<{ seconds: number; rows: number; rssMiB: number }> {
  const { kafka, app } = detector(cluster, 'bench-hot', 'hot', 'hot-events');
  const began = performance.now();
  await app.start();
  const seconds = (performance.now() - began) / 1000;
  const rows = app.info().tasks.reduce((total, { stores }) => total + stores[0]!.rows, 0);
  const rssMiB = process.memoryUsage.rss() / 2 ** 20;
  await app.close();
  await kafka.close();
  return { seconds, rows, rssMiB };
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

const roles: Record<string, (cluster: Cluster, round: string) => Promise<object>> = {
  ...{ decode, detect, latency, hold, restore },
};

async function inProcess<T>(role: string, cluster: Cluster, round = ''): Promise<T> {
  const child = fork(import.meta.filename, [...process.argv.slice(2), role], {
    execArgv: [
      '--expose-gc',
      ...(process.env.PROFILE === role ? ['--cpu-prof', '--cpu-prof-dir=/tmp/prof'] : []),
    ],
  });
  child.send({ cluster, round });
  const [answer] = (await once(child, 'message')) as [T];
  await once(child, 'exit');
  return answer;
}

const role = process.argv.at(-1)!;
if (role === 'serve') await serve();
else if (roles[role]) {
  const [{ cluster, round }] = (await once(process, 'message')) as [{ cluster: Cluster; round: string }];
  process.send!(await roles[role](cluster, round), () => process.exit());
} else {
  const server = fork(import.meta.filename, ['serve']);
  try {
    const [cluster] = (await once(server, 'message')) as [Cluster];
    await fill(cluster);
    say(`${readings} readings of 1000 sensors, ${rounds} rounds`);
    const ratios = { 'at-least-once': [] as number[], 'exactly-once': [] as number[], both: [] as number[] };
    for (let round = 0; round < rounds; round++) {
      const plain = await inProcess<{ rate: number }>('decode', cluster);
      const rates: number[] = [];
      for (const guarantee of guarantees) {
        const { rate } = await inProcess<{ rate: number }>('detect', cluster, `${round} ${guarantee}`);
        rates.push(rate);
        ratios[guarantee].push(rate / plain.rate);
      }
      ratios.both.push(rates[1]! / rates[0]!);
      say(
        `  decode ${Math.round(plain.rate)}/s  detect ${guarantees.map((one, at) => `${one} ${Math.round(rates[at]!)}/s`).join('  ')}`,
      );
    }
    const latencies: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      const seen: string[] = [];
      for (const [at, guarantee] of guarantees.entries()) {
        const { medianMs, p99Ms } = await inProcess<{ medianMs: number; p99Ms: number }>(
          'latency',
          cluster,
          `${round} ${guarantee}`,
        );
        latencies[at]!.push(medianMs);
        seen.push(`${guarantee} ${medianMs.toFixed(1)} ms (p99 ${p99Ms.toFixed(1)})`);
      }
      say(`  an event is seen after ${seen.join('  ')}`);
    }
    const held = await inProcess<{ rssMiB: number; heapMiB: number }>('hold', cluster);
    say(
      `${sensors} sensors: ${held.heapMiB.toFixed(0)} MiB of heap for state and job, ${held.rssMiB.toFixed(0)} MiB resident`,
    );
    const back = await inProcess<{ seconds: number; rows: number; rssMiB: number }>('restore', cluster);
    say(`restored ${back.rows} rows in ${back.seconds.toFixed(2)} s, ${back.rssMiB.toFixed(0)} MiB resident`);
    const median = (list: readonly number[]) => list.toSorted((a, b) => a - b)[list.length >> 1]!;
    say(
      `median ratios: to decoding ${guarantees.map((one) => `${one} ${median(ratios[one]).toFixed(2)}`).join(', ')}; ` +
        `exactly once to at least once: rate ${median(ratios.both).toFixed(2)}, latency ${(median(latencies[1]!) / median(latencies[0]!)).toFixed(1)}`,
    );
  } finally {
    server.send('stop');
    await once(server, 'exit');
  }
}
