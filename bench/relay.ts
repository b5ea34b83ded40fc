/**
 * What the relay costs per record, and what latency it adds, delivering exactly once and at least once, beside a naive
 * relay with kafkajs:
 *   node bench/relay.ts [--records 200000] [--rate 10000] [--seconds 10] [--kinds exactly-once,at-least-once,naive]
 * Brokers and registries run in a process of their own, so that the CPU time measured is the relay's alone.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Registry as Metrics } from 'prom-client';
import { createBroker } from '../src/runtime/broker/index.ts';
import { createRelay, type DeliveryMode } from '../src/runtime/jobs/relay/index.ts';
import { createKafka } from '../src/runtime/kafka/index.ts';
import { createRegistry } from '../src/runtime/registry/index.ts';
import {
  avroType,
  createRegistryClient,
  createWireEncoder,
  thesisSchema,
} from '../src/runtime/serde/index.ts';
import { systemClock } from '../src/shared/clock.ts';
import { silentLogger } from '../src/shared/logger.ts';

interface Site {
  brokers: string[];
  registryUrl: string;
}

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '200000' },
    rate: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '10' },
    kinds: { type: 'string', default: 'exactly-once,at-least-once,naive' },
    role: { type: 'string', default: 'main' },
  },
});
const topic = 'temperature-data';
const never = new AbortController().signal;
const self = fileURLToPath(import.meta.url);

async function site(): Promise<Site> {
  const broker = createBroker({
    nodeId: 1,
    dataDir: null,
    listeners: [{ name: 'local', host: '127.0.0.1', port: 0 }],
    log: silentLogger,
  });
  await broker.start(never);
  const brokers = [`127.0.0.1:${broker.ports.local}`];
  const kafka = { brokers, clientId: 'registry' };
  const registry = createRegistry({ kafka, host: '127.0.0.1', port: 0, log: silentLogger });
  await registry.start(never);
  return { brokers, registryUrl: registry.url };
}

/** Sends readings from a process of its own: `rate` a second, or all of `records` at once when it is 0. */
async function load({ brokers, registryUrl }: Site, records: number, rate: number): Promise<void> {
  const kafka = createKafka({ brokers, clientId: 'load' });
  const schema = thesisSchema('TemperatureData');
  const id = await createRegistryClient(registryUrl).register(`${topic}-value`, schema);
  const encode = createWireEncoder(id, avroType(schema));
  await kafka.admin().createTopics([{ name: topic, partitions: 4 }]);
  const producer = kafka.producer({ lingerMs: 1 });
  await producer.start();
  const begun = Date.now();
  const intended = Buffer.alloc(8);
  const headers = [{ key: 'dds-intended', value: intended }];
  for (let sent = 0; sent < records; ) {
    const due =
      rate === 0 ? sent + 5000 : Math.min(records, Math.floor(((Date.now() - begun) * rate) / 1000));
    for (; sent < Math.min(due, records); sent++) {
      const now = Date.now();
      intended.writeBigInt64BE(BigInt(now) * 1000n);
      const value = encode({
        sensor_id: `sensor-${sent % 100}`,
        timestamp: now,
        temperature: 21.5,
        unit: 'C',
      });
      producer.append(topic, sent % 4, Buffer.from(`sensor-${sent % 100}`), value, now, headers, 0);
    }
    if (rate === 0) await producer.below(20_000);
    else await systemClock.sleep(2);
  }
  await producer.close();
  await kafka.close();
}

/** Resolves when readers of the target have seen so many records. */
async function untilCount(target: Site, count: number): Promise<void> {
  await inProcess('probe', target, String(count), '0');
}

type Kind = DeliveryMode | 'naive';

function startRelay(source: Site, target: Site, delivery: DeliveryMode) {
  const relay = createRelay({
    site: 'central',
    delivery,
    ...target,
    sources: [{ site: 'edge-1', ...source }],
    topics: [topic],
    metrics: new Metrics(),
    log: silentLogger,
  });
  return { start: () => relay.start(never), stop: () => relay.stop() };
}

/** What one would write first: eachBatch, a schema id replaced, send. Small fetches, since kafkajs sends each back as one batch. */
async function startNaive(source: Site, target: Site) {
  const { Kafka, logLevel } = await import('kafkajs');
  const settings = { logLevel: logLevel.NOTHING };
  const consumer = new Kafka({ brokers: source.brokers, ...settings }).consumer({
    groupId: 'naive',
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 1 << 18,
  });
  const producer = new Kafka({ brokers: target.brokers, ...settings }).producer();
  const from = createRegistryClient(source.registryUrl);
  const to = createRegistryClient(target.registryUrl);
  const translate = async (value: Buffer) => {
    const schema = await from.schemaById(value.readInt32BE(1));
    const copy = Buffer.from(value);
    copy.writeInt32BE(await to.register(`${topic}-value`, schema!.schema), 1);
    return copy;
  };
  return {
    async start() {
      const kafka = createKafka({ brokers: target.brokers, clientId: 'naive' });
      await kafka.admin().createTopics([{ name: topic, partitions: 4 }]);
      await kafka.close();
      await Promise.all([consumer.connect(), producer.connect()]);
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        eachBatch: async ({ batch }) => {
          const messages = await Promise.all(
            batch.messages.map(async ({ key, value, timestamp, headers }) => ({
              ...{ key, timestamp, partition: batch.partition },
              value: await translate(value!),
              headers: { ...headers, 'dds-site': 'edge-1' } as Record<string, Buffer | string>,
            })),
          );
          await producer.send({ topic, messages });
        },
      });
    },
    async stop() {
      await Promise.all([consumer.disconnect(), producer.disconnect()]);
    },
  };
}

/** CPU µs per record while the backlog is worked off. */
async function catchUp(kind: Kind, records: number): Promise<number> {
  await using sites = await sitesInProcess();
  const { source, target } = sites;
  await inProcess('load', source, String(records), '0');
  const relay = kind === 'naive' ? await startNaive(source, target) : startRelay(source, target, kind);
  const arrived = untilCount(target, records);
  const before = process.cpuUsage();
  const begun = performance.now();
  await relay.start();
  await arrived;
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - begun) / 1000;
  await relay.stop();
  const cost = (user + system) / records;
  const speed = Math.round(records / seconds);
  process.stdout.write(
    `${kind}: backlog of ${records}: ${cost.toFixed(2)} µs CPU a record, ${speed} records/s\n`,
  );
  return cost;
}

/** CPU and added latency at a steady rate. */
async function steady(kind: Kind, rate: number, seconds: number): Promise<void> {
  await using sites = await sitesInProcess();
  const { source, target } = sites;
  await inProcess('load', source, '100', '0');
  const relay = kind === 'naive' ? await startNaive(source, target) : startRelay(source, target, kind);
  await relay.start();
  await untilCount(target, 100);
  const probe = inProcess('probe', target, String(rate * seconds), '100');
  const before = process.cpuUsage();
  await inProcess('load', source, String(rate * seconds), String(rate));
  const { user, system } = process.cpuUsage(before);
  const cost = ((user + system) / (rate * seconds)).toFixed(2);
  const result = await probe;
  await relay.stop();
  process.stdout.write(
    `${kind}: ${rate}/s for ${seconds} s: ${cost} µs CPU a record; sensor to target ${result}\n`,
  );
}

/** Latency from the record's time to its arrival at a reader of the target, which passes over the first `skip` records. */
async function probe({ brokers }: Site, count: number, skip: number): Promise<string> {
  const kafka = createKafka({ brokers, clientId: 'probe' });
  const fetcher = kafka.fetcher({ maxWaitMs: 500 });
  const where = [0, 1, 2, 3].map((partition) => ({ topic, partition }));
  await kafka.admin().createTopics([{ name: topic, partitions: 4 }]);
  for (const { partition } of where) fetcher.seek(topic, partition, 0);
  const latencies: number[] = [];
  while (latencies.length < skip + count) {
    const { partitions } = await fetcher.poll(500);
    const now = Date.now();
    for (const { records } of partitions) while (records.next()) latencies.push(now - records.timestamp);
  }
  await kafka.close();
  latencies.splice(0, skip);
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)];
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${latencies.at(-1)} ms`;
}

async function sitesInProcess(): Promise<{ source: Site; target: Site } & AsyncDisposable> {
  const child = fork(self, ['--role', 'sites']);
  const [message] = (await once(child, 'message')) as [{ source: Site; target: Site }];
  return {
    ...message,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    },
  };
}

async function inProcess(role: string, ...args: unknown[]): Promise<string> {
  const child = fork(self, ['--role', role], { env: { ...process.env, BENCH_ARGS: JSON.stringify(args) } });
  const [answer] = (await once(child, 'message')) as [string];
  await once(child, 'exit');
  return answer;
}

const args = JSON.parse(process.env.BENCH_ARGS ?? '[]') as [Site, string, string];
const kinds = values.kinds.split(',') as Kind[];
switch (values.role) {
  case 'sites':
    process.send!({ source: await site(), target: await site() });
    break;
  case 'load':
    await load(args[0], Number(args[1]), Number(args[2]));
    process.send!('done', undefined, undefined, () => process.exit(0));
    break;
  case 'probe': {
    const result = await probe(args[0], Number(args[1]), Number(args[2]));
    process.send!(result, undefined, undefined, () => process.exit(0));
    break;
  }
  default: {
    const costs: number[] = [];
    for (const kind of kinds) costs.push(await catchUp(kind, Number(values.records)));
    const ratios = costs.map((cost, i) => `${kinds[i]} ${(cost / costs[0]!).toFixed(2)}`);
    process.stdout.write(`CPU a record, as ratios: ${ratios.join(', ')}\n`);
    for (const rate of [100, Number(values.rate)])
      for (const kind of kinds) await steady(kind, rate, Number(values.seconds));
  }
}
