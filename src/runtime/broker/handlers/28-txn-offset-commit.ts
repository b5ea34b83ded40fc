import { codeOf, type KafkaErrorName, type RequestOf, txnOffsetCommit } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import { OFFSETS_TOPIC } from '../state/topic-names.ts';
import { handler } from './handler.ts';

type Request = RequestOf<typeof txnOffsetCommit>;

/** From here on the offsets add the group to the transaction by themselves (KIP-890). */
const TRANSACTION_V2_VERSION = 5;
const ABORTABLE_VERSION = 4;
const TOPIC_ID_VERSION = 6;
const NO_RETENTION_GIVEN = -1;

/**
 * TxnOffsetCommit 0–6: offsets that count when the transaction is committed; members of an old generation are refused
 * from 3 (KIP-447), topics by id from 6.
 */
export const txnOffsetCommitHandler = handler(txnOffsetCommit, (request, { broker, version }) => {
  const { topics, groups } = broker;
  const named = request.topics.map((topic) => ({
    ...topic,
    name: version >= TOPIC_ID_VERSION ? (topics.byId(topic.topicId)?.name ?? null) : topic.name,
  }));
  const wanted = named.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
      topic: name ?? '',
      partition: partitionIndex,
      offset: committedOffset,
      leaderEpoch: committedLeaderEpoch,
      metadata: committedMetadata ?? '',
    })),
  );
  const { memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request;
  const commit = { memberId, groupInstanceId, generationId, retentionTimeMs: NO_RETENTION_GIVEN };
  const problem =
    problemOf(broker, request, version) ?? groups.transactionalCommitProblem(request.groupId, commit);
  const { producerId, producerEpoch: epoch } = request;
  const errors = problem
    ? wanted.map(() => problem)
    : groups.commit(request.groupId, commit, wanted, { producerId, epoch });
  let at = 0;
  const answer = {
    topics: named.map(({ name, topicId, partitions }) => ({
      name: name ?? '',
      topicId,
      partitions: partitions.map(({ partitionIndex }) => {
        const error = errors[at++]!;
        return { partitionIndex, errorCode: codeOf(name === null && !problem ? 'UNKNOWN_TOPIC_ID' : error) };
      }),
    })),
  };
  if (!broker.fsync || !errors.includes('NONE')) return answer;
  return Promise.all([groups.syncOffsets(), broker.transactions.sync()]).then(() => answer);
});

function problemOf({ transactions }: BrokerState, request: Request, version: number): KafkaErrorName | null {
  const { transactionalId, producerId, producerEpoch: epoch } = request;
  const producer = { transactionalId, producerId, epoch };
  const place = { topic: OFFSETS_TOPIC, partition: 0 };
  const error =
    version >= TRANSACTION_V2_VERSION
      ? transactions.add(producer, [place], 2)
      : transactions.verify(producer, place);
  if (error === 'NONE') return null;
  if (error === 'PRODUCER_FENCED') return 'INVALID_PRODUCER_EPOCH';
  if (error === 'TRANSACTION_ABORTABLE' && version < ABORTABLE_VERSION) return 'INVALID_TXN_STATE';
  return error;
}
