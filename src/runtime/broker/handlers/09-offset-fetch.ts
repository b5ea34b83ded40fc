import { codeOf, offsetFetch } from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import type { GroupCoordinator } from '../state/group-coordinator.ts';
import { coordinatorProblem } from './coordinators.ts';
import { handler } from './handler.ts';

/**
 * OffsetFetch 1–10: named partitions or all, in batches of groups from 8; offsets that a transaction may still change are
 * refused on demand from 7 (KIP-447); topics by id from 10.
 */
export const offsetFetchHandler = handler(offsetFetch, (request, context) => {
  const { broker, version } = context;
  const { groups } = broker;
  const { requireStable } = request;
  if (version < 8)
    return { errorCode: 0, topics: committedOf(groups, request.groupId, request.topics, requireStable) };
  return {
    groups: request.groups.map(({ groupId, memberId, memberEpoch, topics }) => {
      const problem =
        coordinatorProblem(context, groupId) ?? groups.fetchProblem(groupId, memberId, memberEpoch);
      if (problem) return { groupId, errorCode: codeOf(problem), topics: [] };
      if (version < TOPIC_ID_VERSION)
        return { groupId, errorCode: 0, topics: committedOf(groups, groupId, topics, requireStable) };
      return { groupId, errorCode: 0, topics: committedById(broker, groupId, topics, requireStable) };
    }),
  };
});

/** The same by topic id. Offsets of a topic that is gone have no id, and are not told. */
function committedById(
  { groups, topics }: BrokerState,
  groupId: string,
  wanted: { topicId: string; partitionIndexes: number[] }[] | null,
  requireStable: boolean,
) {
  if (wanted === null)
    return committedOf(groups, groupId, null, requireStable).flatMap((each) => {
      const topicId = topics.get(each.name)?.id;
      return topicId === undefined ? [] : [{ ...each, topicId }];
    });
  return wanted.map(({ topicId, partitionIndexes }) => {
    const name = topics.byId(topicId)?.name;
    if (name !== undefined)
      return { ...committedOf(groups, groupId, [{ name, partitionIndexes }], requireStable)[0]!, topicId };
    const errorCode = codeOf('UNKNOWN_TOPIC_ID');
    const unknown = { committedOffset: -1, metadata: '', errorCode };
    return {
      topicId,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, ...unknown })),
    };
  });
}

const TOPIC_ID_VERSION = 10;
type Wanted = { name: string; partitionIndexes: number[] }[] | null;

function committedOf(groups: GroupCoordinator, groupId: string, wanted: Wanted, requireStable: boolean) {
  const all = () =>
    groups
      .committedTopics(groupId)
      .map(({ topic, partitions }) => ({ name: topic, partitionIndexes: partitions }));
  return (wanted ?? all()).map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((partitionIndex) => {
      if (requireStable && groups.isUnstable(groupId, name, partitionIndex))
        return {
          partitionIndex,
          committedOffset: -1,
          metadata: '',
          errorCode: codeOf('UNSTABLE_OFFSET_COMMIT'),
        };
      const committed = groups.committed(groupId, name, partitionIndex);
      return {
        partitionIndex,
        committedOffset: committed?.offset ?? -1,
        committedLeaderEpoch: committed?.leaderEpoch ?? -1,
        metadata: committed?.metadata ?? '',
        errorCode: 0,
      };
    }),
  }));
}
