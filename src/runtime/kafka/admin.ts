import type { Cluster } from './client/cluster.ts';
import { changeTopicConfigs, readTopicConfigs } from './client/configs.ts';
import { allGroups, describeGroup, groupOffsets, removeGroup, removeGroupOffsets } from './client/groups.ts';
import { deleteBefore, logSizes } from './client/logs.ts';
import { commitOffsets, committedOffsets, offsetsAt } from './client/offsets.ts';
import { addTopics, growTopic, removeTopics, untilKnown } from './client/topics.ts';
import type { Admin, TopicSpec } from './port.ts';

/** Administration over the connections that the cluster has already. */
export function createAdmin(cluster: Cluster): Admin {
  return {
    listTopics: () => cluster.describe(null),
    describeTopics: (names) => cluster.describe(names),
    async createTopics(specs: readonly TopicSpec[], { validateOnly = false } = {}) {
      const existing = new Set((await cluster.describe(null)).map(({ name }) => name));
      const missing = specs.filter(({ name }) => !existing.has(name));
      if (missing.length === 0) return [];
      const created = await addTopics(cluster, missing, validateOnly);
      if (validateOnly) return created;
      await untilKnown(
        cluster,
        missing.map(({ name }) => name),
      );
      return created;
    },
    async createPartitions(topic, count) {
      await cluster.describe([topic]);
      await growTopic(cluster, topic, count);
      await untilKnown(cluster, [topic], count);
    },
    async deleteTopics(names) {
      // Nothing is deleted when one is missing.
      await cluster.describe(names);
      if (names.length === 0) return;
      await removeTopics(cluster, names);
      await cluster.refresh(names);
    },
    async topicConfigs(topic) {
      const [entries = []] = await readTopicConfigs(cluster, [topic]);
      const changed = entries.filter(({ source, value }) => source === 'topic' && value !== null);
      return Object.fromEntries(changed.map(({ name, value }) => [name, value ?? '']));
    },
    describeConfigs: (topics, names) => readTopicConfigs(cluster, topics, names),
    alterTopicConfigs: (topic, changes, { validateOnly = false } = {}) =>
      changeTopicConfigs(cluster, topic, changes, validateOnly),
    deleteRecords: (before) => deleteBefore(cluster, before),
    partitionSizes: (topics) => logSizes(cluster, topics),
    offsets: (partitions, at) => offsetsAt(cluster, partitions, at),
    committed: (group, partitions) => committedOffsets(cluster, group, partitions),
    commit: (group, offsets) => commitOffsets(cluster, group, offsets),
    allCommitted: (group) => groupOffsets(cluster, group),
    listGroups: () => allGroups(cluster),
    describeGroups: (groups) => Promise.all(groups.map((group) => describeGroup(cluster, group))),
    deleteGroup: (group) => removeGroup(cluster, group),
    deleteGroupOffsets: (group, partitions) => removeGroupOffsets(cluster, group, partitions),
    async brokers() {
      await cluster.refresh([]);
      return cluster.nodes;
    },
  };
}
