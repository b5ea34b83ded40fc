import { BATCH_HEADER_BYTES, type KafkaErrorName, RecordBatch, RecordWalker } from '../../protocol/index.ts';
import type { TopicSettings } from './configs.ts';

/** Why one record of a batch is refused (KIP-467). */
export interface RecordError {
  /** From 0, in its batch. */
  batchIndex: number;
  batchIndexErrorMessage: string;
}

export interface BatchProblem {
  error: KafkaErrorName;
  reason: string;
  /** Which records are refused, if single ones are; absent where none was looked at. */
  recordErrors?: RecordError[];
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
  const problem = formatProblem(batch, records.length);
  if (problem) return problem;
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
  if (batch.producerId >= 0 && batch.producerEpoch < 0)
    return {
      error: 'INVALID_PRODUCER_EPOCH',
      reason: `producer ${batch.producerId} without an epoch`,
      recordErrors: [],
    };
  if (batch.producerId >= 0 && batch.baseSequence < 0)
    return { ...invalid(`producer ${batch.producerId} without a sequence`), recordErrors: [] };
  if (!settings.logAppendTime) {
    const tooNew = maxTimestamp > latestMs + settings.timestampAfterMaxMs;
    const tooOld = batch.baseTimestamp < nowMs - settings.timestampBeforeMaxMs;
    if (tooNew || tooOld) {
      const reason = `time ${tooNew ? maxTimestamp : batch.baseTimestamp}, the broker has ${nowMs}`;
      const isWrong = ({ timestamp }: RecordWalker) =>
        timestamp > latestMs + settings.timestampAfterMaxMs ||
        timestamp < nowMs - settings.timestampBeforeMaxMs;
      return refusedRecords(records, 'INVALID_TIMESTAMP', reason, isWrong);
    }
  }
  if (!settings.compact) return null;
  const reason = 'a record without a key in a compacted topic';
  const keyless = refusedRecords(records, 'INVALID_RECORD', reason, (record) => record.key() === null);
  return keyless.recordErrors?.length === 0 ? null : keyless;
}

/** Bytes that are no batch of this format, in the words that Kafka has for them in a produce request. */
function formatProblem(batch: RecordBatch, length: number): BatchProblem | null {
  const fault = batch.fault();
  if (!fault) return null;
  const { reason } = fault;
  if (fault.error === 'UNSUPPORTED_FOR_MESSAGE_FORMAT')
    return { error: batch.magic < 2 ? 'INVALID_RECORD' : 'CORRUPT_MESSAGE', reason };
  return length >= BATCH_HEADER_BYTES && batch.size > length ? { error: 'INVALID_RECORD', reason } : fault;
}

/** Which records it is that are wrong; a batch is opened for that only when it is refused, or its topic is compacted. */
function refusedRecords(
  records: Buffer,
  error: KafkaErrorName,
  reason: string,
  isWrong: (record: RecordWalker) => boolean,
): BatchProblem {
  const recordErrors: RecordError[] = [];
  try {
    const walker = new RecordWalker(records);
    for (let batchIndex = 0; walker.next(); batchIndex++) {
      if (isWrong(walker)) recordErrors.push({ batchIndex, batchIndexErrorMessage: reason });
    }
    return { error, reason, recordErrors };
  } catch (cause) {
    return { error: 'CORRUPT_MESSAGE', reason: cause instanceof Error ? cause.message : String(cause) };
  }
}
