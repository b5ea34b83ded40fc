import { type KafkaErrorName, RecordBatch, RecordWalker } from '../../protocol/index.ts';
import type { TopicSettings } from './configs.ts';

export interface BatchProblem {
  error: KafkaErrorName;
  reason: string;
}

/**
 * What Kafka's LogValidator asks of the records of one partition in a produce request; null when all is well. `latestMs`
 * is the latest time that the clock has shown: when it was set back, a record from just before is not from the future.
 */
export function validateBatch(
  records: Buffer,
  settings: TopicSettings,
  nowMs: number,
  latestMs: number,
): BatchProblem | null {
  const invalid = (reason: string): BatchProblem => ({ error: 'INVALID_RECORD', reason });
  if (records.length === 0) return invalid('no record batch');
  const batch = new RecordBatch(records);
  const fault = batch.fault();
  if (fault) return fault;
  const { size, maxTimestamp } = batch;
  if (size !== records.length) return invalid('more than one record batch for a partition');
  if (size > settings.maxMessageBytes) {
    return {
      error: 'MESSAGE_TOO_LARGE',
      reason: `a batch of ${size} bytes, max.message.bytes is ${settings.maxMessageBytes}`,
    };
  }
  if (size > settings.segmentBytes) {
    return {
      error: 'RECORD_LIST_TOO_LARGE',
      reason: `a batch of ${size} bytes, segment.bytes is ${settings.segmentBytes}`,
    };
  }
  if (batch.isControl) return invalid('a control batch from a client');
  if (batch.isTransactional && batch.producerId < 0)
    return invalid('a transactional batch without a producer');
  const count = batch.recordCount;
  if (count === 0 || count !== batch.lastOffsetDelta + 1) {
    return invalid(`${count} records with last offset delta ${batch.lastOffsetDelta}`);
  }
  if (batch.producerId >= 0 && (batch.baseSequence < 0 || batch.producerEpoch < 0)) {
    return invalid(`producer ${batch.producerId} without an epoch or a sequence`);
  }
  if (!settings.logAppendTime) {
    const tooNew = maxTimestamp > latestMs + settings.timestampAfterMaxMs;
    const tooOld = batch.baseTimestamp < nowMs - settings.timestampBeforeMaxMs;
    if (tooNew || tooOld) {
      return {
        error: 'INVALID_TIMESTAMP',
        reason: `time ${tooNew ? maxTimestamp : batch.baseTimestamp}, the broker has ${nowMs}`,
      };
    }
  }
  return settings.compact ? keylessRecord(records) : null;
}

/** Compaction needs keys; this is the one case in which an arriving batch is opened. */
function keylessRecord(records: Buffer): BatchProblem | null {
  try {
    const walker = new RecordWalker(records);
    while (walker.next()) {
      if (walker.key() === null)
        return { error: 'INVALID_RECORD', reason: 'a record without a key in a compacted topic' };
    }
    return null;
  } catch (error) {
    return { error: 'CORRUPT_MESSAGE', reason: error instanceof Error ? error.message : String(error) };
  }
}
