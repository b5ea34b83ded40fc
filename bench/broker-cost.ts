/**
 * CPU time that a broker spends on a produce and on a fetch of small batches, here and in another checkout, in turns, as
 * ratios: whether a change has made the hot path dearer.
 * Run: node bench/broker-cost.ts OTHER_CHECKOUT [requests] [rounds]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BatchBuilder, createTopics, fetch, produce } from '../src/runtime/protocol/index.ts';
import { silentLogger } from '../src/shared/logger.ts';
import { RawClient } from '../test/support/raw-client.ts';

const PARTITIONS = 4;
const RECORDS = 10;
const IN_FLIGHT = 50;

/** In a process of its own: the broker of a checkout, which tells its CPU time when asked. */
async function serve(checkout: string): Promise<void> {
  const path = pathToFileURL(resolve(checkout, 'src/runtime/broker/index.ts')).href;
  const { createBroker } = (await import(path)) as typeof import('../src/runtime/broker/index.ts');
  const listeners = [{ name: 'local', host: '127.0.0.1', port: 0 }];
  const broker = createBroker({ nodeId: 1, dataDir: null, listeners, log: silentLogger });
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
  costs: { produce: number[]; fetch: number[] };
}

async function start(name: string, checkout: string): Promise<Side> {
  const child = fork(process.argv[1]!, ['serve', checkout]);
  const [port] = (await once(child, 'message')) as [number];
  const client = await RawClient.connect(port);
  const topics = [
    { name: 't', numPartitions: PARTITIONS, replicationFactor: 1, assignments: [], configs: [] },
  ];
  await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  return { name, child, client, costs: { produce: [], fetch: [] } };
}

async function cpuMicros({ child }: Side): Promise<number> {
  child.send('cpu');
  return ((await once(child, 'message')) as [number])[0];
}

const builder = new BatchBuilder();
for (let i = 0; i < RECORDS; i++)
  builder.append(Buffer.from('sensor-000123'), Buffer.alloc(40, 7), Date.now());
const records = builder.build({});

const requests = {
  produce: ({ client }: Side, i: number) =>
    client.ask(produce, 9, {
      ...{ acks: -1, timeoutMs: 5000 },
      topicData: [{ name: 't', partitionData: [{ index: i % PARTITIONS, records }] }],
    }),
  fetch: ({ client }: Side, i: number) =>
    client.ask(fetch, 11, {
      ...{ maxWaitMs: 0, minBytes: 1, maxBytes: 1 << 20, sessionId: 0, sessionEpoch: -1 },
      topics: [
        {
          topic: 't',
          partitions: Array.from({ length: PARTITIONS }, (_, partition) => ({
            ...{ partition, fetchOffset: (i % 50) * RECORDS, partitionMaxBytes: 1024 },
          })),
        },
      ],
    }),
};

/** CPU time of the broker for one request, µs. */
async function cost(side: Side, kind: keyof typeof requests, count: number): Promise<number> {
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
        for (const kind of ['produce', 'fetch'] as const) {
          const micros = await cost(side, kind, count);
          // The first round warms up.
          if (round > 0) side.costs[kind].push(micros);
        }
    for (const kind of ['produce', 'fetch'] as const) {
      const [here, there] = sides.map(({ costs }) => median(costs[kind])) as [number, number];
      const ratio = (here / there).toFixed(3);
      process.stdout.write(
        `${kind}: ${here.toFixed(1)} µs here, ${there.toFixed(1)} µs there, ratio ${ratio}\n`,
      );
    }
  } finally {
    for (const { client, child } of sides) {
      await client[Symbol.asyncDispose]();
      child.disconnect();
    }
  }
}

const [first = '.', second, third] = process.argv.slice(2);
if (first === 'serve') await serve(second!);
else await main(first, Number(second ?? 20_000), Number(third ?? 9));
