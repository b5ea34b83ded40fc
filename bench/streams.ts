/**
 * The detector beside a consumer that only decodes the same readings; what the state of many sensors takes; how long it takes to
 * read it back. Each in a process of its own, the broker in another.
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
import { avroSerdes, streams } from '../src/runtime/streams/index.ts';
import { silentLogger } from '../src/shared/logger.ts';

const partitions = 4;
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
  await kafka
    .admin()
    .createTopics(['swinging', 'hot', 'events', 'hot-events'].map((name) => ({ name, partitions })));
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

function detector({ brokers, registry }: Cluster, id: string, topic: string, events: string) {
  const kafka = createKafka({ brokers, clientId: id });
  const topics = detectorTopics(avroSerdes(registry), { topic, events });
  const app = streams(detectorTopology(id, topics, detectorOptions(defaultDetector)), { kafka });
  const sum = (read: 'processed' | 'lagRecords') =>
    app.info().tasks.reduce((total, task) => total + task[read], 0);
  return { kafka, app, sum };
}

async function detect(cluster: Cluster, round: string): Promise<{ rate: number }> {
  const { kafka, app, sum } = detector(cluster, `bench-${round}`, 'swinging', 'events');
  await app.start();
  const began = performance.now();
  while (sum('processed') < readings) await new Promise((resolve) => setTimeout(resolve, 5));
  const rate = readings / ((performance.now() - began) / 1000);
  await app.close();
  await kafka.close();
  return { rate };
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
  ...{ decode, detect, hold, restore },
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
    const ratios: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const plain = await inProcess<{ rate: number }>('decode', cluster);
      const found = await inProcess<{ rate: number }>('detect', cluster, String(round));
      ratios.push(found.rate / plain.rate);
      say(
        `  decode ${Math.round(plain.rate)}/s  detect ${Math.round(found.rate)}/s  ratio ${ratios.at(-1)!.toFixed(2)}`,
      );
    }
    const held = await inProcess<{ rssMiB: number; heapMiB: number }>('hold', cluster);
    say(
      `${sensors} sensors: ${held.heapMiB.toFixed(0)} MiB of heap for state and job, ${held.rssMiB.toFixed(0)} MiB resident`,
    );
    const back = await inProcess<{ seconds: number; rows: number; rssMiB: number }>('restore', cluster);
    say(`restored ${back.rows} rows in ${back.seconds.toFixed(2)} s, ${back.rssMiB.toFixed(0)} MiB resident`);
    say(`median ratio ${ratios.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!.toFixed(2)}`);
  } finally {
    server.send('stop');
    await once(server, 'exit');
  }
}
