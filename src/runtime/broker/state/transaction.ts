/** The life of a transaction (KIP-98); the numbers are those of Kafka's TransactionState. */
export const transactionStates = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
  'PrepareEpochFence',
] as const;
export type TransactionState = (typeof transactionStates)[number];

export const NO_PRODUCER_ID = -1;
export const NO_EPOCH = -1;
const MAX_EPOCH = 0x7fff;

/** What the coordinator keeps of one transactional id; every change makes a new one. */
export interface Transaction {
  readonly id: string;
  readonly producerId: number;
  /** The id before its epochs were used up; -1 when there was none. */
  readonly previousProducerId: number;
  /** The id that the producer goes on with once this transaction is complete; -1: the same. */
  readonly nextProducerId: number;
  readonly epoch: number;
  /** The epoch before, which a repeated request still has; -1 when nobody may come with it. Not kept over a restart. */
  readonly lastEpoch: number;
  readonly timeoutMs: number;
  readonly state: TransactionState;
  readonly partitions: ReadonlyMap<string, ReadonlySet<number>>;
  /** -1 before the first transaction. */
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  /** 2 when the client speaks transaction v2 (KIP-890). */
  readonly clientVersion: number;
}

export const newTransaction = (id: string, producerId: number, nowMs: number): Transaction => ({
  id,
  producerId,
  previousProducerId: NO_PRODUCER_ID,
  nextProducerId: NO_PRODUCER_ID,
  epoch: NO_EPOCH,
  lastEpoch: NO_EPOCH,
  timeoutMs: 0,
  state: 'Empty',
  partitions: new Map(),
  startedAtMs: -1,
  updatedAtMs: nowMs,
  clientVersion: 0,
});

/** The last epoch is left for fencing. */
export const isExhausted = (epoch: number): boolean => epoch >= MAX_EPOCH - 1;

export const isPrepared = ({ state }: Transaction): boolean =>
  state === 'PrepareCommit' || state === 'PrepareAbort';

export const hasPartition = ({ partitions }: Transaction, topic: string, partition: number): boolean =>
  partitions.get(topic)?.has(partition) ?? false;

export interface PartitionName {
  readonly topic: string;
  readonly partition: number;
}

export function partitionsOf({ partitions }: Transaction): PartitionName[] {
  return [...partitions].flatMap(([topic, numbers]) =>
    [...numbers].map((partition) => ({ topic, partition })),
  );
}

export function withPartitions(
  before: Transaction['partitions'],
  added: readonly PartitionName[],
): Map<string, Set<number>> {
  const all = new Map([...before].map(([topic, numbers]) => [topic, new Set(numbers)]));
  for (const { topic, partition } of added) {
    const numbers = all.get(topic) ?? new Set();
    all.set(topic, numbers.add(partition));
  }
  return all;
}
