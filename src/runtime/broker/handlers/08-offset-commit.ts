import { codeOf, type KafkaErrorName, offsetCommit } from '../../protocol/index.ts';
import { handler } from './handler.ts';

const TOPIC_ID_VERSION = 10;
/** What a name is unknown for, when the client gave an id. */
const told = (error: KafkaErrorName, isUnknownId: boolean): KafkaErrorName =>
  isUnknownId && error === 'UNKNOWN_TOPIC_OR_PARTITION' ? 'UNKNOWN_TOPIC_ID' : error;

/** OffsetCommit 2–10: with metadata and, in 2–4, a retention of its own; topics by id from 10. */
export const offsetCommitHandler = handler(offsetCommit, (request, { broker, version }) => {
  const { groups } = broker;
  const { groupId, memberId, groupInstanceId, retentionTimeMs } = request;
  const isById = version >= TOPIC_ID_VERSION;
  const topics = request.topics.map((topic) => ({
    ...topic,
    name: isById ? (broker.topics.byId(topic.topicId)?.name ?? '') : topic.name,
  }));
  const commit = {
    memberId,
    groupInstanceId,
    retentionTimeMs,
    generationId: request.generationIdOrMemberEpoch,
  };
  const problem = groups.commitProblem(groupId, commit);
  const wanted = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partitionIndex, committedOffset, committedLeaderEpoch, committedMetadata }) => ({
      topic: name,
      partition: partitionIndex,
      offset: committedOffset,
      leaderEpoch: committedLeaderEpoch,
      metadata: committedMetadata ?? '',
    })),
  );
  const errors = problem ? wanted.map(() => problem) : groups.commit(groupId, commit, wanted);
  let at = 0;
  const answer = {
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOf(told(errors[at++]!, isById && name === '')),
      })),
    })),
  };
  return broker.fsync && errors.includes('NONE') ? groups.syncOffsets().then(() => answer) : answer;
});
