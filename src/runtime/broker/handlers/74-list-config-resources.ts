import {
  codeOf,
  listConfigResources,
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
  RESOURCE_TOPIC,
} from '../../protocol/index.ts';
import { handler } from './handler.ts';

const all = [
  RESOURCE_TOPIC,
  RESOURCE_BROKER,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
];

/**
 * ListConfigResources 0–1 (KIP-1142): topics, brokers, and groups and subscriptions to metrics for which
 * something is set. Version 0 asks for those subscriptions alone.
 */
export const listConfigResourcesHandler = handler(
  listConfigResources,
  ({ resourceTypes }, { broker, version }) => {
    const asked =
      version === 0 ? [RESOURCE_CLIENT_METRICS] : resourceTypes.length === 0 ? all : resourceTypes;
    if (!asked.every((type) => all.includes(type)))
      return { errorCode: codeOf('UNSUPPORTED_VERSION'), configResources: [] };
    const namesOf = (type: number): string[] => {
      if (type === RESOURCE_TOPIC) return broker.topics.all().map(({ name }) => name);
      if (type === RESOURCE_CLIENT_METRICS) return broker.clientMetrics.names();
      return type === RESOURCE_GROUP ? broker.groupConfigs.names() : broker.nodes.ids.map(String);
    };
    const configResources = [...new Set(asked)].flatMap((resourceType) =>
      namesOf(resourceType).map((resourceName) => ({ resourceName, resourceType })),
    );
    return { errorCode: 0, configResources };
  },
);
