import { codeOf, offsetDelete } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** OffsetDelete 0: offsets of topics that no member of the group is subscribed to. */
export const offsetDeleteHandler = handler(offsetDelete, ({ groupId, topics }, { broker }) => {
  const problem = broker.groups.offsetDeleteProblem(groupId);
  if (problem) return { errorCode: codeOf(problem), topics: [] };
  return {
    errorCode: 0,
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: codeOf(broker.groups.deleteOffset(groupId, name, partitionIndex)),
      })),
    })),
  };
});
