import { DdsError } from '../../../errors/index.ts';
import { type AbortedTransaction, batchesOf, RecordWalker } from '../../protocol/index.ts';
import type { FetchedPartition } from '../port.ts';

interface Answer {
  highWatermark: number;
  logStartOffset: number;
  abortedTransactions: AbortedTransaction[] | null;
}

/**
 * Checks what was fetched of one partition and makes it readable. What comes before a corrupt batch is still given; the
 * corruption is met again, and told, when the fetch begins with it.
 */
export function readFetched(
  { topic, partition, position }: { topic: string; partition: number; position: number },
  { highWatermark, logStartOffset, abortedTransactions }: Answer,
  records: Buffer,
  committedOnly: boolean,
): { partition: FetchedPartition | null; problem: Error | null } {
  let nextOffset = position;
  let end = 0;
  try {
    for (const batch of batchesOf(records)) {
      const fault = batch.fault();
      if (fault) throw new DdsError('DDS_KAFKA', `${topic}/${partition} at ${nextOffset}: ${fault.reason}`);
      nextOffset = Math.max(nextOffset, batch.nextOffset);
      end = batch.end;
    }
  } catch (error) {
    if (end === 0) return { partition: null, problem: error as Error };
  }
  // Only the beginning of a batch: the broker had no room for it in this answer.
  if (end === 0) return { partition: null, problem: null };
  const walker = new RecordWalker(records.subarray(0, end), {
    fromOffset: position,
    aborted: committedOnly ? abortedTransactions : null,
  });
  return {
    partition: {
      topic,
      partition,
      fetchOffset: position,
      nextOffset,
      highWatermark,
      logStartOffset,
      records: walker,
      bytes: end,
    },
    problem: null,
  };
}
