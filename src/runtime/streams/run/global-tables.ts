import type { Fetcher, Kafka } from '../../kafka/index.ts';
import type { Graph } from '../graph/graph.ts';
import { subTopologies } from '../graph/sub-topologies.ts';
import { NotReady } from '../record-errors.ts';
import type { StateStore } from '../stores/state-store.ts';
import { type InputRecord, TaskProgram } from '../task-program.ts';
import type { Place } from './error-handlers.ts';

const pollMs = 100;

type OnError = (error: unknown, place: Place, record: InputRecord) => void;

/** The global tables of an instance: whole before anything else runs, and followed from then on. */
export class GlobalTables {
  /** By name. */
  readonly stores: ReadonlyMap<string, StateStore>;
  /** Rejects when a table can no longer be followed; otherwise never settles before the end. */
  readonly failed: Promise<void>;
  /** Resolves when nothing is read any more. */
  readonly closed: Promise<void>;

  private constructor(stores: ReadonlyMap<string, StateStore>, following: Promise<void>[]) {
    this.stores = stores;
    this.failed = Promise.all(following).then(() => undefined);
    this.closed = Promise.allSettled(following).then(() => undefined);
  }

  /** Resolves when every table has all rows that its topic has now. */
  static async load(
    graph: Graph,
    kafka: Kafka,
    counts: ReadonlyMap<string, number>,
    signal: AbortSignal,
    onError: OnError,
  ): Promise<GlobalTables> {
    const stores = new Map<string, StateStore>();
    const loaded: GlobalTopic[] = [];
    try {
      for (const sub of subTopologies(graph).filter(({ isGlobal }) => isGlobal)) {
        const program = new TaskProgram(graph, sub, { send: () => undefined, changelog: () => undefined });
        for (const [name, store] of program.stores) stores.set(name, store);
        for (const topic of program.topics) {
          const table = { topic, program, fetcher: kafka.fetcher({ maxWaitMs: pollMs }) };
          loaded.push(table);
          await readToEnd(table, kafka, counts.get(topic)!, signal, onError);
        }
      }
    } catch (error) {
      await Promise.all(loaded.map(({ fetcher }) => fetcher.close()));
      throw error;
    }
    // Only when all are whole: one that failed while another was still read would have nobody to tell.
    return new GlobalTables(
      stores,
      loaded.map((table) => follow(table, signal, onError)),
    );
  }
}

/** A topic of a global table, and what reads it. */
interface GlobalTopic {
  topic: string;
  program: TaskProgram;
  fetcher: Fetcher;
}

async function readToEnd(
  table: GlobalTopic,
  kafka: Kafka,
  count: number,
  signal: AbortSignal,
  onError: OnError,
): Promise<void> {
  const { topic, fetcher } = table;
  const partitions = Array.from({ length: count }, (_, partition) => ({ topic, partition }));
  const admin = kafka.admin();
  const [starts, ends] = await Promise.all([
    admin.offsets(partitions, 'earliest'),
    admin.offsets(partitions, 'latest'),
  ]);
  const open = new Map(partitions.map(({ partition }, at) => [partition, ends[at]!]));
  partitions.forEach(({ partition }, at) => {
    fetcher.seek(topic, partition, starts[at]!);
    if (starts[at]! >= ends[at]!) open.delete(partition);
  });
  while (open.size > 0) await read(table, open, signal, onError);
}

async function follow(table: GlobalTopic, signal: AbortSignal, onError: OnError): Promise<void> {
  try {
    while (!signal.aborted) await read(table, new Map(), signal, onError);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await table.fetcher.close();
  }
}

/** Takes what has come, and strikes off the partitions that have reached their end. */
async function read(
  { fetcher, program, topic }: GlobalTopic,
  open: Map<number, number>,
  signal: AbortSignal,
  onError: OnError,
): Promise<void> {
  const { partitions, problems } = await fetcher.poll(pollMs, signal);
  signal.throwIfAborted();
  for (const { partition, error } of problems) {
    throw new Error(`global table ${topic}/${partition}: ${error.message}`, { cause: error });
  }
  for (const { partition, records, nextOffset } of partitions) {
    while (records.next()) {
      const { timestamp, offset } = records;
      const [key, value] = [records.key(), records.value()];
      const record = {
        key: key && Buffer.from(key),
        value: value && Buffer.from(value),
        timestamp,
        headers: [],
      };
      await take(program, topic, record).catch((error: unknown) =>
        onError(error, { topic, partition, offset }, record),
      );
    }
    if (nextOffset >= (open.get(partition) ?? Number.POSITIVE_INFINITY)) open.delete(partition);
  }
}

/** Puts a row into the table; what its serdes lack is loaded first. */
async function take(program: TaskProgram, topic: string, record: InputRecord): Promise<void> {
  try {
    await program.process(topic, record);
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    await error.load();
    await take(program, topic, record);
  }
}
