/**
 * What a fetch costs with and without a session (KIP-227): one client follows all partitions of a topic, one record comes
 * at a time. `full` names every partition in every request, `session` only the one whose offset has moved.
 * Run: node bench/fetch-sessions.ts [rounds]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createBroker } from '../src/runtime/broker/index.ts';
import { Connection } from '../src/runtime/kafka/client/connection.ts';
import { BatchBuilder, createTopics, encodeRequest, fetch, produce } from '../src/runtime/protocol/index.ts';
import { silentLogger } from '../src/shared/logger.ts';

const rounds = Number(process.argv.slice(2).find((argument) => argument !== 'serve') ?? 1000);
const version = 12;
/** A round is: one record is produced, one fetch waits for it and gets it. */
const kinds = ['full', 'session'] as const;

async function serve(): Promise<void> {
  const listeners = [{ name: 'local', host: '127.0.0.1', port: 0 }];
  const broker = createBroker({ nodeId: 1, dataDir: null, listeners, log: silentLogger });
  await broker.start(new AbortController().signal);
  process.send?.(broker.ports.local);
  process.on('message', (message) => {
    if (message === 'cpu') process.send?.(process.cpuUsage());
    else void broker.stop().then(() => process.exit());
  });
}

const open = (port: number) =>
  Connection.open({
    ...{ host: '127.0.0.1', port, clientId: 'bench', connectTimeoutMs: 5_000, requestTimeoutMs: 60_000 },
  });

const record = () => {
  const builder = new BatchBuilder();
  builder.append(null, Buffer.alloc(100, 7), Date.now());
  return builder.build();
};

interface Measured {
  /** CPU of the broker, the produce included, µs a round. */
  cpuUs: number;
  roundUs: number;
  requestBytes: number;
}

async function measure(
  kind: (typeof kinds)[number],
  partitions: number,
  { reader, writer, cpuUs }: { reader: Connection; writer: Connection; cpuUs(): Promise<number> },
): Promise<Measured> {
  const topic = `${kind}-${partitions}-${Math.random().toString(36).slice(2)}`;
  const made = { topics: [{ name: topic, numPartitions: partitions, replicationFactor: 1 }] };
  await writer.requestIn(createTopics, 3, made);
  const offsets = new Array<number>(partitions).fill(0);
  const asked = (partition: number) => ({
    ...{ partition, fetchOffset: offsets[partition]!, partitionMaxBytes: 1 << 20 },
  });
  const all = () => offsets.map((_, partition) => asked(partition));
  const common = { maxWaitMs: 10_000, minBytes: 1, maxBytes: 1 << 26 };
  const first = { ...common, maxWaitMs: 0, sessionId: 0, sessionEpoch: kind === 'full' ? -1 : 0 };
  const { sessionId } = await reader.requestIn(fetch, version, {
    ...first,
    topics: [{ topic, partitions: all() }],
  });
  let moved: number | null = null;
  let requestBytes = 0;
  const body = (epoch: number) => {
    if (kind === 'full')
      return { ...common, sessionId: 0, sessionEpoch: -1, topics: [{ topic, partitions: all() }] };
    const topics = moved === null ? [] : [{ topic, partitions: [asked(moved)] }];
    return { ...common, sessionId, sessionEpoch: epoch, topics };
  };
  const cpuBefore = await cpuUs();
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    const partition = (round * 7) % partitions;
    const request = body(round + 1);
    const waiting = reader.requestIn(fetch, version, request);
    const topicData = [{ name: topic, partitionData: [{ index: partition, records: record() }] }];
    await writer.requestIn(produce, 9, { acks: -1, timeoutMs: 5_000, topicData });
    const answer = await waiting;
    const given = answer.responses[0]?.partitions.find(({ records }) => records!.length > 0);
    if (given?.partitionIndex !== partition) throw new Error(`no record of ${partition} in round ${round}`);
    offsets[partition]!++;
    moved = partition;
    if (round === 1) {
      const chunks = encodeRequest(fetch, version, { correlationId: 1, clientId: 'bench' }, request);
      requestBytes = chunks.reduce((sum, { length }) => sum + length, 0);
    }
  }
  const roundUs = ((performance.now() - startedAt) * 1000) / rounds;
  return { cpuUs: ((await cpuUs()) - cpuBefore) / rounds, roundUs, requestBytes };
}

if (process.argv[2] === 'serve') await serve();
else {
  const child = fork(import.meta.filename, ['serve']);
  const [port] = (await once(child, 'message')) as [number];
  const cpuUs = async () => {
    child.send('cpu');
    const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
    return user + system;
  };
  const [reader, writer] = await Promise.all([open(port), open(port)]);
  try {
    for (const kind of kinds) await measure(kind, 10, { reader, writer, cpuUs });
    for (const partitions of [1, 1_000]) {
      const found = new Map<string, Measured>();
      // The best of three, taken in turn, so that neither what comes first nor a disturbance decides.
      for (const kind of [...kinds, ...kinds, ...kinds]) {
        const measured = await measure(kind, partitions, { reader, writer, cpuUs });
        if (measured.cpuUs < (found.get(kind)?.cpuUs ?? Number.POSITIVE_INFINITY)) found.set(kind, measured);
      }
      for (const [kind, { cpuUs, roundUs, requestBytes }] of found) {
        const text = `${cpuUs.toFixed(0)} µs of the broker's CPU, ${roundUs.toFixed(0)} µs a round, requests of ${requestBytes} bytes`;
        process.stdout.write(`${String(partitions).padStart(5)} partitions, ${kind.padEnd(8)} ${text}\n`);
      }
      const [full, session] = kinds.map((kind) => found.get(kind));
      const ratio = (full!.cpuUs / session!.cpuUs).toFixed(2);
      const roundRatio = (full!.roundUs / session!.roundUs).toFixed(2);
      process.stdout.write(
        `${String(partitions).padStart(5)} partitions, full/session ${ratio} of CPU, ${roundRatio} of time\n`,
      );
    }
  } finally {
    reader.close();
    writer.close();
    child.send('stop');
    await once(child, 'exit');
  }
}
