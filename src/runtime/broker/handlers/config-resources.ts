import {
  codeOf,
  type KafkaErrorName,
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../../protocol/index.ts';
import type { BrokerState } from '../state/broker-state.ts';
import { brokerConfigs, configProblem, topicConfigs } from '../state/config-table.ts';
import { configSources, type DescribedConfig } from '../state/configs.ts';
import {
  clientMetricsConfigs,
  groupConfigs,
  groupConfigsProblem,
  matchProblem,
} from '../state/resource-config-table.ts';
import { isTopicName } from '../state/topic-names.ts';
import { topicConfigProblem } from '../state/topic-rules.ts';
import type { RequestContext } from './handler.ts';

export interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}

/** What DescribeConfigs, AlterConfigs and IncrementalAlterConfigs do with a topic and a broker alike. */
export interface ConfigResource {
  /** The values set on it, not those it inherits. */
  own(): Readonly<Record<string, string>>;
  /** The value in force. */
  current(name: string): string | undefined;
  /** Whether the config can be appended to and subtracted from. */
  isList(name: string): boolean;
  problem(name: string, value: string | null): string | null;
  set(values: Readonly<Record<string, string>>): void;
  describe(names: readonly string[] | null): DescribedConfig[];
}

export class ResourceProblem extends Error {
  readonly error: KafkaErrorName;
  constructor(error: KafkaErrorName, message: string) {
    super(message);
    this.error = error;
  }
}

/** Throws ResourceProblem. An empty broker name stands for all brokers; nodes of one process have one set of configs. */
export function findResource(
  { broker, endpoint }: Pick<RequestContext, 'broker' | 'endpoint'>,
  { resourceType, resourceName }: Resource,
): ConfigResource {
  if (resourceType === RESOURCE_TOPIC) return topicResource(broker, resourceName);
  if (resourceType === RESOURCE_GROUP) return groupResource(broker, resourceName);
  if (resourceType === RESOURCE_CLIENT_METRICS) return clientMetricsResource(broker, resourceName);
  if (resourceType !== RESOURCE_BROKER && resourceType !== RESOURCE_BROKER_LOGGER) {
    throw new ResourceProblem('INVALID_REQUEST', `Resource type ${resourceType} has no configs here.`);
  }
  if (resourceName !== '' && resourceName !== String(endpoint.nodeId)) {
    throw new ResourceProblem(
      'INVALID_REQUEST',
      `Unexpected broker id, expected ${endpoint.nodeId}, but received ${resourceName}`,
    );
  }
  if (resourceType === RESOURCE_BROKER_LOGGER) return loggers;
  const { configs } = broker;
  return {
    own: () => configs.dynamic,
    current: (name) => (brokerConfigs[name] ? configs.string(name) : undefined),
    isList: (name) => brokerConfigs[name]?.type === 'list',
    problem: (name, value) => configProblem(brokerConfigs, name, value),
    set: (values) => broker.setBrokerConfigs(values),
    describe: (names) => configs.describeBroker(names),
  };
}

function groupResource({ configs, groupConfigs: kept }: BrokerState, name: string): ConfigResource {
  if (name === '') throw new ResourceProblem('INVALID_REQUEST', 'A group without a name has no configs.');
  const describe = (names: readonly string[] | null) =>
    configs.describe(groupConfigs, kept.of(name), configSources.group, names);
  return {
    own: () => kept.of(name),
    current: (config) => describe([config])[0]?.value,
    isList: (config) => groupConfigs[config]?.type === 'list',
    problem: (config, value) => configProblem(groupConfigs, config, value),
    set: (values) => {
      const problem = groupConfigsProblem(values, configs);
      if (problem) throw new ResourceProblem('INVALID_CONFIG', problem);
      kept.set(name, values);
    },
    describe,
  };
}

/** As Kafka has it: none of these is a list to be changed in part, and nothing but what is set is told. */
function clientMetricsResource({ clientMetrics: kept, configs }: BrokerState, name: string): ConfigResource {
  if (name === '') throw new ResourceProblem('INVALID_REQUEST', 'A subscription to metrics has a name.');
  const describe = (names: readonly string[] | null) =>
    configs
      .describe(clientMetricsConfigs, kept.of(name), configSources.clientMetrics, names)
      .map((each) => ({ ...each, synonyms: each.synonyms.slice(0, -1) }));
  return {
    own: () => kept.of(name),
    current: (config) => {
      if (clientMetricsConfigs[config]) return describe([config])[0]?.value;
      throw new ResourceProblem('INVALID_REQUEST', `Unknown config name: ${config}`);
    },
    isList: () => false,
    problem: (config, value) => {
      const problem = configProblem(clientMetricsConfigs, config, value);
      if (problem) throw new ResourceProblem('INVALID_REQUEST', problem);
      return config === 'match' ? matchProblem(value!) : null;
    },
    set: (values) => kept.set(name, values),
    describe,
  };
}

/** There are none to be set; what is asked about one by name is answered. */
const loggers: ConfigResource = {
  own: () => ({}),
  current: () => undefined,
  isList: () => false,
  problem: (name) => `Logger ${name} does not exist.`,
  set: () => undefined,
  describe: () => [],
};

function topicResource(broker: BrokerState, name: string): ConfigResource {
  const { topics, configs } = broker;
  if (!isTopicName(name)) {
    throw new ResourceProblem('INVALID_TOPIC_EXCEPTION', `Topic name is invalid: '${name}'`);
  }
  const topic = topics.get(name);
  if (!topic) throw new ResourceProblem('UNKNOWN_TOPIC_OR_PARTITION', `Topic '${name}' does not exist.`);
  return {
    own: () => topic.configs,
    current: (config) => configs.describeTopic(topic.configs, [config])[0]?.value,
    isList: (config) => topicConfigs[config]?.type === 'list',
    problem: (config, value) => configProblem(topicConfigs, config, value),
    set: (values) => {
      const problem = topicConfigProblem(broker, values);
      if (problem) throw new ResourceProblem(problem.error, problem.message);
      topics.setConfigs(topic, values);
    },
    describe: (names) => configs.describeTopic(topic.configs, names),
  };
}

/** Runs the change of one resource; what goes wrong becomes its answer. */
export function answerResource(
  { health }: BrokerState,
  { resourceType, resourceName }: Resource,
  change: () => void,
) {
  const answer = (errorCode: number, errorMessage: string | null) => ({
    errorCode,
    errorMessage,
    resourceType,
    resourceName,
  });
  try {
    if (health.attempt('configs', change) === null)
      return answer(codeOf('KAFKA_STORAGE_ERROR'), health.trouble);
    return answer(0, null);
  } catch (problem) {
    if (problem instanceof ResourceProblem) return answer(codeOf(problem.error), problem.message);
    throw problem;
  }
}
