import { codeOf, produce } from '../../protocol/index.ts';
import type { PartitionLog } from '../state/partition-log.ts';
import { handler, NO_RESPONSE } from './handler.ts';

/**
 * Produce 3–12: validates each batch and appends it unopened; answers when it is in the page cache, or on disk with
 * fsync `always`. Left out: transactions; versions 0–2, whose message sets are older than record batches.
 */
export const produceHandler = handler(
  produce,
  (request, { broker }) => {
    const { topics, clock, traffic } = broker;
    const nowMs = clock.now();
    const latestMs = broker.latestTime(nowMs);
    const appended: PartitionLog[] = [];
    const areAcksValid = request.acks >= -1 && request.acks <= 1;
    const responses = request.topicData.map(({ name, partitionData }) => ({
      name,
      partitionResponses: partitionData.map(({ index, records }) => {
        const log = topics.partition(name, index);
        if (!areAcksValid) return failed(index, 'INVALID_REQUIRED_ACKS', `acks ${request.acks}`);
        if (!log) return failed(index, 'UNKNOWN_TOPIC_OR_PARTITION', null);
        if (!records) return failed(index, 'INVALID_RECORD', 'no record batch');
        const before = log.recordsIn;
        const result = log.append(records, nowMs, latestMs);
        if (!result.ok) {
          // A disk that takes nothing is told once, not for each batch.
          if (result.error !== 'KAFKA_STORAGE_ERROR')
            broker.log.warn(
              { topic: name, partition: index, error: result.error, reason: result.reason },
              'batch refused',
            );
          return failed(index, result.error, result.reason);
        }
        traffic.recordsIn += log.recordsIn - before;
        traffic.bytesIn += records.length;
        appended.push(log);
        return {
          index,
          errorCode: 0,
          baseOffset: result.baseOffset,
          logAppendTimeMs: result.appendTimeMs,
          logStartOffset: log.startOffset,
        };
      }),
    }));
    const answer = request.acks === 0 ? NO_RESPONSE : { responses };
    if (!broker.fsync || appended.length === 0) return answer;
    return Promise.all(appended.map((log) => log.log.sync())).then(() => answer);
  },
  {
    // Kafka 4 announces 0 too: librdkafka takes it for a sign of features (KAFKA-18659).
    advertisedMinVersion: 0,
    leftOut: 'transactional batches; versions 0 to 2 are announced for librdkafka but refused (message sets)',
  },
);

function failed(index: number, error: Parameters<typeof codeOf>[0], errorMessage: string | null) {
  return { index, errorCode: codeOf(error), baseOffset: -1, errorMessage };
}
