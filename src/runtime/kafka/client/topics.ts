import { DdsError } from '../../../errors/index.ts';
import { codeOf, createPartitions, createTopics, deleteTopics } from '../../protocol/index.ts';
import type { TopicSpec } from '../port.ts';
import type { Cluster } from './cluster.ts';
import { refusal } from './errors.ts';

/** What the controller does. Brokers of a KRaft cluster pass these requests on to it (KIP-590). */

/** Creates topics; one that exists by now counts as done. Names of those that are new. */
export async function addTopics(
  cluster: Cluster,
  specs: readonly TopicSpec[],
  validateOnly = false,
): Promise<string[]> {
  return cluster.retrying(async () => {
    const connection = await cluster.controller();
    const answer = await connection.request(createTopics, {
      topics: specs.map(({ name, partitions, replicationFactor = -1, configs = {} }) => ({
        name,
        numPartitions: partitions,
        replicationFactor,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      })),
      timeoutMs: cluster.requestTimeoutMs,
      validateOnly,
    });
    const exists = codeOf('TOPIC_ALREADY_EXISTS');
    const failed = answer.topics.find(({ errorCode }) => errorCode !== 0 && errorCode !== exists);
    if (failed) throw refusal(failed.errorCode, `creating ${failed.name}`, failed.errorMessage);
    return answer.topics.filter(({ errorCode }) => errorCode === 0).map(({ name }) => name);
  });
}

/**
 * Resolves when the broker that is asked knows the topics, with so many partitions at least: a KRaft cluster has made them
 * before its brokers have heard of it.
 */
export async function untilKnown(cluster: Cluster, topics: readonly string[], partitions = 1): Promise<void> {
  const deadline = cluster.clock.monotonic() + cluster.requestTimeoutMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(2 * pauseMs, 200)) {
    try {
      const known = await cluster.describe(topics);
      if (known.every((topic) => topic.partitions.length >= partitions)) return;
    } catch (error) {
      if (!(error instanceof DdsError) || error.code !== 'DDS_UNKNOWN_TOPIC') throw error;
      if (cluster.clock.monotonic() > deadline) throw error;
    }
    if (cluster.clock.monotonic() > deadline) return;
    await cluster.clock.sleep(pauseMs);
  }
}

export async function growTopic(cluster: Cluster, topic: string, count: number): Promise<void> {
  await cluster.retrying(async () => {
    const connection = await cluster.controller();
    const { results } = await connection.request(createPartitions, {
      topics: [{ name: topic, count }],
      timeoutMs: cluster.requestTimeoutMs,
      validateOnly: false,
    });
    const failed = results.find(({ errorCode }) => errorCode !== 0);
    if (failed) throw refusal(failed.errorCode, `partitions of ${topic}`, failed.errorMessage);
  });
}

export async function removeTopics(cluster: Cluster, names: readonly string[]): Promise<void> {
  await cluster.retrying(async () => {
    const connection = await cluster.controller();
    // Up to version 5 topics are named by name, which is all that we have.
    const { responses } = await connection.request(
      deleteTopics,
      { topicNames: [...names], timeoutMs: cluster.requestTimeoutMs },
      { maxVersion: 5 },
    );
    const failed = responses.find(({ errorCode }) => errorCode !== 0);
    if (failed) throw refusal(failed.errorCode, `deleting ${failed.name ?? ''}`, failed.errorMessage);
  });
}
