import { DdsError } from '../../../errors/index.ts';
import { codeOf, type KafkaErrorName, kafkaErrorName, produce } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import type { Leadership } from '../state/leadership.ts';
import type { PartitionLog, TransactionGate } from '../state/partition-log.ts';
import { handler, NO_RESPONSE } from './handler.ts';
import { leaderEndpoints } from './leaders.ts';

/** From here on a batch adds its partition to the transaction by itself (KIP-890). */
const TRANSACTION_V2_VERSION = 12;
/** From here on topics have their ids instead of names. */
const TOPIC_ID_VERSION = 13;
/** acks: of the whole ISR. */
const ALL = -1;
/** From here on clients know TRANSACTION_ABORTABLE. */
const ABORTABLE_VERSION = 11;

/**
 * Produce 3–13: validates each batch and appends it unopened; answers when it is in the page cache, or on disk with
 * fsync `always`. A batch of a transaction is taken when its partition was added, or adds it (from 12). Left out: versions
 * 0–2, whose message sets are older than record batches.
 */
export const produceHandler = handler(
  produce,
  (request, context) => {
    const { broker, version, endpoint } = context;
    const { topics, clock, traffic } = broker;
    const nowMs = clock.now();
    const latestMs = broker.latestTime(nowMs);
    const appended: PartitionLog[] = [];
    let leaders: Set<number> | null = null;
    const gate =
      request.transactionalId === null ? undefined : gateOf(broker, request.transactionalId, version);
    const isById = version >= TOPIC_ID_VERSION;
    const areAcksValid = request.acks >= -1 && request.acks <= 1;
    const responses = request.topicData.map(({ name: given, topicId, partitionData }) => {
      const topic = isById ? topics.byId(topicId) : topics.get(given);
      const name = topic?.name ?? given;
      return {
        name,
        topicId,
        partitionResponses: partitionData.map(({ index, records }) => {
          const log = topic?.partitions[index];
          if (!areAcksValid) return failed(index, 'INVALID_REQUIRED_ACKS', `acks ${request.acks}`);
          if (!topic || !log)
            return failed(index, isById && !topic ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION', null);
          if (topic.internal) return failed(index, 'INVALID_TOPIC_EXCEPTION', 'an internal topic');
          if (!records) return failed(index, 'INVALID_RECORD', 'no record batch');
          const { leadership } = log;
          const problem = leadership.problemAt(endpoint.nodeId);
          if (problem) {
            leaders ??= new Set();
            leaders.add(leadership.leader);
            return { ...failed(index, problem, null), currentLeader: leadership.current };
          }
          if (request.acks === ALL && !isInSync(log))
            return failed(index, 'NOT_ENOUGH_REPLICAS', notEnough(leadership));
          const before = log.recordsIn;
          const result = log.append(records, nowMs, latestMs, gate);
          if (!result.ok) {
            // A disk that takes nothing is told once, not for each batch.
            if (result.error !== 'KAFKA_STORAGE_ERROR')
              broker.log.warn(
                { topic: name, partition: index, error: result.error, reason: result.reason },
                'batch refused',
              );
            const { recordErrors = [], startOffset: logStartOffset = -1 } = result;
            return { ...failed(index, result.error, result.reason), recordErrors, logStartOffset };
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
      };
    });
    if (request.acks === 0) throwRefused(responses);
    const answer =
      request.acks === 0 ? NO_RESPONSE : { responses, nodeEndpoints: leaderEndpoints(context, leaders) };
    if (!broker.fsync || appended.length === 0) return answer;
    const synced = appended.map((log) => log.log.sync());
    if (gate) synced.push(broker.transactions.sync());
    return Promise.all(synced).then(() => answer);
  },
  {
    // Kafka 4 announces 0 too: librdkafka takes it for a sign of features (KAFKA-18659).
    advertisedMinVersion: 0,
    // Batches are copied where they are kept.
    keepsNothing: true,
    leftOut: 'versions 0 to 2 are announced for librdkafka but refused (message sets)',
  },
);

/** Without an answer a client learns of errors, and of another leader, only by the end of its connection. */
function throwRefused(responses: readonly { partitionResponses: readonly { errorCode: number }[] }[]): void {
  for (const { partitionResponses } of responses)
    for (const { errorCode } of partitionResponses)
      if (errorCode !== 0)
        throw new DdsError('DDS_PROTOCOL', `produced with acks 0: ${kafkaErrorName(errorCode)}`);
}

/** Old clients are told in the errors that they know (AddPartitionsToTxnManager, ReplicaManager). */
function gateOf({ transactions }: BrokerState, transactionalId: string, version: number): TransactionGate {
  const isV2 = version >= TRANSACTION_V2_VERSION;
  return (batch, { topic, partition, producers }) => {
    const { producerId, producerEpoch: epoch, baseSequence } = batch;
    const producer = { transactionalId, producerId, epoch };
    const error = isV2
      ? transactions.add(producer, [{ topic, partition }], 2)
      : transactions.verify(producer, { topic, partition });
    if (error === 'NONE') {
      // KIP-890: who comes to a partition for the first time begins with sequence 0.
      if (!isV2 || baseSequence === 0 || producers.epochOf(producerId) !== -1) return null;
      const begun = `producer ${producerId} begins with sequence ${baseSequence}`;
      return { error: 'OUT_OF_ORDER_SEQUENCE_NUMBER', reason: begun };
    }
    const reason = `transactional id ${transactionalId}, producer ${producerId}, epoch ${epoch}: ${error}`;
    if (error === 'PRODUCER_FENCED') return { error: 'INVALID_PRODUCER_EPOCH', reason };
    if (error === 'TRANSACTION_ABORTABLE' && version < ABORTABLE_VERSION)
      return { error: 'INVALID_TXN_STATE', reason };
    const isUnknownToOld = error === 'CONCURRENT_TRANSACTIONS' || error === 'COORDINATOR_NOT_AVAILABLE';
    return { error: isUnknownToOld && !isV2 ? 'NOT_ENOUGH_REPLICAS' : error, reason };
  };
}

/** KIP-966: no partition needs more than it has. */
const isInSync = ({ leadership: { isr, replicas }, settings }: PartitionLog): boolean =>
  isr.length >= Math.min(settings.minInSyncReplicas, replicas.length);

const notEnough = ({ isr, replicas }: Leadership): string =>
  `the ISR has ${isr.length} of ${replicas.length} replicas, min.insync.replicas wants more`;

function failed(index: number, error: KafkaErrorName, errorMessage: string | null) {
  return { index, errorCode: codeOf(error), baseOffset: -1, errorMessage };
}
