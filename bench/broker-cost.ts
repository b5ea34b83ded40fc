/**
 * CPU time that a broker with its data on disk spends on produces and fetches of small batches, of what was written first
 * and last, and on produces of large ones, here and in another checkout, in turns, as ratios: whether a change has made
 * the hot path dearer.
 * Run: node bench/broker-cost.ts OTHER_CHECKOUT [requests] [rounds]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BatchBuilder, createTopics, fetch, produce } from '../src/runtime/protocol/index.ts';
import { silentLogger } from '../src/shared/logger.ts';
import { RawClient } from '../test/support/raw-client.ts';

const PARTITIONS = 4;
const RECORDS = 10;
/** 16 KiB, the largest that Java's producer makes by default. */
const LARGE_RECORDS = 250;
const IN_FLIGHT = 50;
const kinds = ['produce', 'large produce', 'fetch of the first', 'fetch of the last'] as const;
type Kind = (typeof kinds)[number];

/** In a process of its own: the broker of a checkout, which tells its CPU time when asked. */
async function serve(checkout: string, dataDir: string): Promise<void> {
  const path = pathToFileURL(resolve(checkout, 'src/runtime/broker/index.ts')).href;
  const { createBroker } = (await import(path)) as typeof import('../src/runtime/broker/index.ts');
  const listeners = [{ name: 'local', host: '127.0.0.1', port: 0 }];
  const broker = createBroker({ nodeId: 1, dataDir, listeners, log: silentLogger });
  await broker.start(new AbortController().signal);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.(user + system);
  });
  process.once('disconnect', () => process.exit());
  process.send?.(broker.ports.local);
}

interface Side {
  name: string;
  child: ChildProcess;
  client: RawClient;
  folder: string;
  costs: Record<Kind, number[]>;
  /** The offset of the last small batch of each partition. */
  last: number[];
}

async function start(name: string, checkout: string): Promise<Side> {
  const folder = mkdtempSync(join(tmpdir(), 'dds-cost-'));
  const child = fork(process.argv[1]!, ['serve', checkout, folder]);
  const [port] = (await once(child, 'message')) as [number];
  const client = await RawClient.connect(port);
  const topics = ['t', 'large'].map((name) => ({
    ...{ name, numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] },
  }));
  await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  const costs = Object.fromEntries(kinds.map((kind) => [kind, [] as number[]])) as Side['costs'];
  return { name, child, client, folder, costs, last: new Array<number>(PARTITIONS).fill(0) };
}

async function cpuMicros({ child }: Side): Promise<number> {
  child.send('cpu');
  return ((await once(child, 'message')) as [number])[0];
}

function batchOf(count: number): Buffer {
  const builder = new BatchBuilder();
  for (let i = 0; i < count; i++)
    builder.append(Buffer.from('sensor-000123'), Buffer.alloc(40, 7), Date.now());
  return builder.build({});
}
const [small, large] = [batchOf(RECORDS), batchOf(LARGE_RECORDS)];

async function put({ client }: Side, topic: string, index: number, records: Buffer): Promise<number> {
  const topicData = [{ name: topic, partitionData: [{ index, records }] }];
  const { responses } = await client.ask(produce, 9, { acks: -1, timeoutMs: 5000, topicData });
  return responses[0]!.partitionResponses[0]!.baseOffset;
}

const read = ({ client }: Side, fetchOffset: (partition: number) => number) =>
  client.ask(fetch, 11, {
    ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 20, sessionId: 0, sessionEpoch: -1 },
    topics: [
      {
        topic: 't',
        partitions: Array.from({ length: PARTITIONS }, (_, partition) => ({
          ...{ partition, fetchOffset: fetchOffset(partition), partitionMaxBytes: 1024 },
        })),
      },
    ],
  });

const requests: Record<Kind, (side: Side, i: number) => Promise<unknown>> = {
  async produce(side, i) {
    side.last[i % PARTITIONS] = await put(side, 't', i % PARTITIONS, small);
  },
  'large produce': (side, i) => put(side, 'large', i % PARTITIONS, large),
  'fetch of the first': (side, i) => read(side, () => (i % 50) * RECORDS),
  'fetch of the last': (side) => read(side, (partition) => side.last[partition]!),
};

/** CPU time of the broker for one request, µs. */
async function cost(side: Side, kind: Kind, count: number): Promise<number> {
  const before = await cpuMicros(side);
  let next = 0;
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < count) await requests[kind](side, next++);
    }),
  );
  return ((await cpuMicros(side)) - before) / count;
}

const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;

async function main(other: string, count: number, rounds: number): Promise<void> {
  const sides = [await start('here', '.'), await start('other', other)];
  try {
    for (let round = 0; round <= rounds; round++)
      for (const side of round % 2 ? sides : sides.toReversed())
        for (const kind of kinds) {
          const micros = await cost(side, kind, count);
          // The first round warms up.
          if (round > 0) side.costs[kind].push(micros);
        }
    for (const kind of kinds) {
      const [here, there] = sides.map(({ costs }) => median(costs[kind])) as [number, number];
      const ratio = (here / there).toFixed(3);
      process.stdout.write(
        `${kind}: ${here.toFixed(1)} µs here, ${there.toFixed(1)} µs there, ratio ${ratio}\n`,
      );
    }
  } finally {
    for (const { client, child, folder } of sides) {
      await client[Symbol.asyncDispose]();
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

const [first = '.', second, third] = process.argv.slice(2);
if (first === 'serve') await serve(second!, third!);
else await main(first, Number(second ?? 20_000), Number(third ?? 9));
