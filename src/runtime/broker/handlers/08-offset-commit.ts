import { codeOf, offsetCommit } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** OffsetCommit 2–9: with metadata and, in 2–4, a retention of its own. */
export const offsetCommitHandler = handler(offsetCommit, (request, { broker }) => {
  const { groups } = broker;
  const { groupId, memberId, groupInstanceId, retentionTimeMs, topics } = request;
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
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOf(errors[at++]!),
      })),
    })),
  };
  return broker.fsync && errors.includes('NONE') ? groups.syncOffsets().then(() => answer) : answer;
});
