import { DdsError } from '../../../errors/index.ts';
import type { Kafka, TopicPartition } from '../../kafka/index.ts';
import type { Plan } from '../plan.ts';
import type { Topology } from '../topology.ts';
import { TopologyError } from '../topology-error.ts';
import type { TaskUnit } from './task-assignor.ts';

export interface PrepareOptions {
  deadLetterTopics?: readonly string[];
  /** Internal topics get more partitions where the inputs have. */
  grow?: boolean;
}

/**
 * Throws when an input has more partitions than the tasks are for: those would not be read by anybody. `details.partitionsGrew` is
 * true then.
 */
export async function checkPartitions(
  { subTopologies, globalTopics }: Plan,
  kafka: Kafka,
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  const inputs = new Set([...subTopologies.flatMap(({ topics }) => topics), ...globalTopics]);
  for (const { name, partitions } of await kafka.admin().describeTopics([...inputs])) {
    const had = counts.get(name)!;
    if (partitions.length === had) continue;
    throw new DdsError(
      'DDS_STREAMS_TOPOLOGY',
      `${name} has ${partitions.length} partitions now, and had ${had}`,
      {
        hint: 'Start the job again; where its state goes by partitions, reset it.',
        details: { partitionsGrew: true },
      },
    );
  }
}

/**
 * Plans the topology for the cluster and creates the internal topics that are missing. Fills `counts` with the partitions of
 * every topic. Throws TopologyError, and an error for an internal topic that does not fit any more.
 */
export async function prepareTopics(
  topology: Topology,
  kafka: Kafka,
  counts: Map<string, number>,
  { deadLetterTopics = [], grow = false }: PrepareOptions = {},
): Promise<Plan> {
  const admin = kafka.admin();
  for (const { name, partitions } of await admin.listTopics()) counts.set(name, partitions.length);
  const plan = topology.plan((topic) => counts.get(topic));
  for (const node of topology.graph.nodes.values()) {
    if (node.kind === 'sink' && !node.isInternal && !counts.has(node.topic))
      throw new TopologyError(`there is no topic ${node.topic} to write to`);
  }
  const internal = [...plan.repartitionTopics, ...plan.changelogs.values()];
  for (const { name, partitions } of internal) {
    const found = counts.get(name);
    if (found === undefined || found === partitions) continue;
    if (grow && found < partitions) {
      await admin.createPartitions(name, partitions);
      counts.set(name, partitions);
      continue;
    }
    throw new DdsError('DDS_STREAMS_TOPOLOGY', `${name} has ${found} partitions and needs ${partitions}`, {
      hint: `Reset the job to begin anew, or give it another id than ${plan.id}.`,
    });
  }
  const deadLetters = deadLetterTopics.map((name) => ({ name, partitions: 1, configs: {} }));
  const missing = [...internal, ...deadLetters].filter(({ name }) => !counts.has(name));
  if (missing.length > 0) await admin.createTopics(missing);
  for (const { name, partitions } of missing) counts.set(name, partitions);
  return plan;
}

/** Every task with the partitions that it reads, by id. */
export function taskUnits(plan: Plan, counts: ReadonlyMap<string, number>): Map<string, TaskUnit> {
  const units = plan.subTopologies.flatMap(({ id, topics, partitions }) =>
    Array.from(
      { length: partitions },
      (_, partition): TaskUnit => ({
        id: `${id}_${partition}`,
        partitions: topics
          .filter((topic) => partition < counts.get(topic)!)
          .map((topic): TopicPartition => ({ topic, partition })),
      }),
    ),
  );
  return new Map(units.map((unit) => [unit.id, unit]));
}
