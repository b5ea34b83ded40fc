import { DdsError } from '../../../errors/index.ts';
import {
  deleteGroups,
  describeGroups,
  kafkaErrorName,
  listGroups,
  offsetDelete,
  offsetFetch,
  readAssignment,
} from '../../protocol/index.ts';
import type { GroupDescription, GroupListing, TopicPartition } from '../port.ts';
import { byTopic } from './by-topic.ts';
import type { Cluster } from './cluster.ts';
import { kafkaError } from './errors.ts';

/** Every broker knows the groups that it coordinates. */
export async function allGroups(cluster: Cluster): Promise<GroupListing[]> {
  await cluster.refresh([]);
  const answers = await Promise.all(
    cluster.nodes.map(({ nodeId }) =>
      cluster.retrying(async () => {
        const connection = await cluster.node(nodeId);
        const answer = await connection.request(listGroups, {});
        if (answer.errorCode) throw kafkaError(answer.errorCode, 'listing groups');
        return answer.groups;
      }),
    ),
  );
  return answers.flat().map(({ groupId, protocolType }) => ({ group: groupId, protocolType }));
}

export function describeGroup(cluster: Cluster, group: string): Promise<GroupDescription> {
  return cluster.retrying(async () => {
    const connection = await cluster.coordinator(group);
    // Version 6 makes an error of a group that is not there; before, it is Dead.
    const { groups } = await connection.request(describeGroups, { groups: [group] }, { maxVersion: 5 });
    const [found] = groups;
    if (!found || found.errorCode) throw kafkaError(found?.errorCode ?? -1, `group ${group}`);
    const { groupState, protocolType, protocolData, members } = found;
    return {
      ...{ group, protocolType, state: groupState, protocol: protocolData },
      members: members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
        ...{ memberId, clientId, host: clientHost.replace(/^\//, '') },
        assignment: protocolType === 'consumer' ? [...readAssignment(memberAssignment).partitions] : [],
      })),
    };
  });
}

/** All that a group has committed. */
export function groupOffsets(
  cluster: Cluster,
  group: string,
): Promise<(TopicPartition & { offset: number })[]> {
  return cluster.retrying(async () => {
    const connection = await cluster.coordinator(group);
    const answer = await connection.request(offsetFetch, { groupId: group, topics: null }, { maxVersion: 7 });
    if (answer.errorCode) throw kafkaError(answer.errorCode, `offsets of group ${group}`);
    return answer.topics.flatMap(({ name, partitions }) =>
      partitions
        .filter(({ committedOffset }) => committedOffset >= 0)
        .map(({ partitionIndex, committedOffset }) => ({
          ...{ topic: name, partition: partitionIndex, offset: committedOffset },
        })),
    );
  });
}

export async function removeGroup(cluster: Cluster, group: string): Promise<void> {
  await cluster.retrying(async () => {
    const connection = await cluster.coordinator(group);
    const { results } = await connection.request(deleteGroups, { groupsNames: [group] });
    const code = results.find(({ errorCode }) => errorCode !== 0)?.errorCode;
    if (code) throw groupError(code, group, 'deleting');
  });
}

export async function removeGroupOffsets(
  cluster: Cluster,
  group: string,
  partitions: readonly TopicPartition[],
): Promise<void> {
  if (partitions.length === 0) return;
  await cluster.retrying(async () => {
    const connection = await cluster.coordinator(group);
    const topics = byTopic(partitions, ({ partition }) => ({ partitionIndex: partition }));
    const answer = await connection.request(offsetDelete, {
      groupId: group,
      topics: topics.map(([name, entries]) => ({ name, partitions: entries })),
    });
    const refused = answer.topics
      .flatMap((topic) => topic.partitions)
      .find(({ errorCode }) => errorCode !== 0);
    const code = answer.errorCode || refused?.errorCode;
    if (code) throw groupError(code, group, 'deleting offsets of');
  });
}

function groupError(code: number, group: string, doing: string): DdsError {
  const kafka = kafkaErrorName(code);
  const details = { kafka, group };
  if (kafka === 'GROUP_ID_NOT_FOUND') {
    return new DdsError('DDS_UNKNOWN_GROUP', `there is no group ${group}`, { details });
  }
  if (kafka === 'NON_EMPTY_GROUP' || kafka === 'GROUP_SUBSCRIBED_TO_TOPIC') {
    return new DdsError('DDS_GROUP_IN_USE', `group ${group} has members`, { details });
  }
  return kafkaError(code, `${doing} group ${group}`);
}
