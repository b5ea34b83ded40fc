import {
  codeOf,
  kafkaErrorEntry,
  type produce,
  type RequestInput,
  type ResponseOf,
} from '../../protocol/index.ts';
import type { PartitionQueue } from './partition-queue.ts';
import type { PendingBatch } from './pending-batch.ts';

/** One batch of a request under way. */
export interface Sent {
  readonly queue: PartitionQueue;
  readonly batch: PendingBatch;
  readonly bytes: Buffer;
}

export function produceRequest(
  sent: readonly Sent[],
  options: { acks: number; timeoutMs: number; transactionalId: string | null },
): RequestInput<typeof produce> {
  const byTopic = Map.groupBy(sent, ({ queue }) => queue.topic);
  return {
    ...options,
    topicData: [...byTopic].map(([name, batches]) => ({
      name,
      partitionData: batches.map(({ queue, bytes }) => ({ index: queue.partition, records: bytes })),
    })),
  };
}

export type Outcome =
  | { kind: 'written'; baseOffset: number }
  /** `isStale`: ask for metadata first. */
  | { kind: 'retry'; isStale: boolean }
  /** `isFenced`: the producer id is of no more use. */
  | { kind: 'failed'; code: number; isFenced: boolean };

const FENCED = new Set([
  codeOf('INVALID_PRODUCER_EPOCH'),
  codeOf('PRODUCER_FENCED'),
  codeOf('INVALID_PRODUCER_ID_MAPPING'),
]);

/** What the answer means for each batch, as the Java client decides (Sender, TransactionManager.canRetry). */
export function outcomesOf(
  sent: readonly Sent[],
  answer: ResponseOf<typeof produce>,
  isIdempotent: boolean,
  isTransactional: boolean,
): Outcome[] {
  const answers = new Map(
    answer.responses.flatMap(({ name, partitionResponses }) =>
      partitionResponses.map((partition) => [`${name}/${partition.index}`, partition] as const),
    ),
  );
  return sent.map(({ queue, batch }) => {
    const partition = answers.get(`${queue.topic}/${queue.partition}`);
    const code = partition?.errorCode ?? codeOf('UNKNOWN_SERVER_ERROR');
    if (partition && code === 0) return { kind: 'written', baseOffset: partition.baseOffset };
    // Written long ago: the broker no longer knows where.
    if (code === codeOf('DUPLICATE_SEQUENCE_NUMBER')) return { kind: 'written', baseOffset: -1 };
    // One ahead of it was given up, and takes it along.
    if (queue.isFailing) return { kind: 'failed', code, isFenced: false };
    // The transaction before is still ending: a matter of milliseconds, and not of who leads.
    if (code === codeOf('CONCURRENT_TRANSACTIONS')) return { kind: 'retry', isStale: false };
    if (kafkaErrorEntry(code).retriable) return { kind: 'retry', isStale: true };
    const mends = isTransactional ? isBehindRetry : mendsSequence;
    if (isIdempotent && mends(code, queue, batch)) return { kind: 'retry', isStale: false };
    return { kind: 'failed', code, isFenced: FENCED.has(code) };
  });
}

/** In a transaction only what a retry ahead of it explains is sent again; anything else has to be aborted. */
const isBehindRetry = (code: number, queue: PartitionQueue, batch: PendingBatch): boolean =>
  code === codeOf('OUT_OF_ORDER_SEQUENCE_NUMBER') && !queue.isNextExpected(batch);

function mendsSequence(code: number, queue: PartitionQueue, batch: PendingBatch): boolean {
  if (code === codeOf('UNKNOWN_PRODUCER_ID')) {
    queue.requestEpoch();
    return true;
  }
  if (code !== codeOf('OUT_OF_ORDER_SEQUENCE_NUMBER')) return false;
  // Natural for a batch behind one that failed; for the very next one it means that the broker forgot us.
  if (queue.isNextExpected(batch)) queue.requestEpoch();
  return true;
}
