import type { KafkaErrorName } from '../../protocol/index.ts';
import { configProblem, topicConfigs } from './config-table.ts';
import type { Configs } from './configs.ts';
import { isTopicName } from './topic-names.ts';
import type { Topics } from './topics.ts';

const MAX_PARTITIONS = 10_000;

export interface Problem {
  error: KafkaErrorName;
  message: string;
}

interface Rules {
  readonly topics: Topics;
  readonly configs: Configs;
}

type TopicConfigs = Readonly<Record<string, string | null>>;

/** Says why a topic cannot be created; null when it can. */
export function creationProblem(
  rules: Rules,
  name: string,
  partitions: number,
  configs: TopicConfigs,
): Problem | null {
  const { topics } = rules;
  if (!isTopicName(name))
    return { error: 'INVALID_TOPIC_EXCEPTION', message: `Topic name is invalid: '${name}'` };
  if (topics.get(name)) return { error: 'TOPIC_ALREADY_EXISTS', message: `Topic '${name}' already exists.` };
  const like = namedLike(topics, name);
  if (like !== undefined)
    return { error: 'INVALID_TOPIC_EXCEPTION', message: `Topic '${name}' collides with '${like}'.` };
  if (partitions < 1 || partitions > MAX_PARTITIONS) {
    const message = `Number of partitions must be 1 to ${MAX_PARTITIONS}, not ${partitions}.`;
    return { error: 'INVALID_PARTITIONS', message };
  }
  return topicConfigProblem(rules, configs);
}

/** Kafka's metrics have `_` for `.`: of two names that are then the same it takes one. */
function namedLike(topics: Topics, name: string): string | undefined {
  if (!/[._]/.test(name)) return undefined;
  const plain = name.replaceAll('.', '_');
  return topics.all().find((other) => other.name.replaceAll('.', '_') === plain)?.name;
}

/** Why a topic cannot have these configs; null when it can. */
export function topicConfigProblem(
  { configs: broker }: Pick<Rules, 'configs'>,
  configs: TopicConfigs,
): Problem | null {
  for (const [name, value] of Object.entries(configs)) {
    const message = configProblem(topicConfigs, name, value);
    if (message) return { error: 'INVALID_CONFIG', message };
  }
  const { minCompactionLagMs, maxCompactionLagMs } = broker.topicSettings(
    configs as Readonly<Record<string, string>>,
  );
  if (minCompactionLagMs <= maxCompactionLagMs) return null;
  const message = `min.compaction.lag.ms (${minCompactionLagMs}) is above max.compaction.lag.ms (${maxCompactionLagMs})`;
  return { error: 'INVALID_CONFIG', message };
}
