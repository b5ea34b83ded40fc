import { codeOf, listConfigResources, RESOURCE_BROKER, RESOURCE_TOPIC } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** ConfigResource.Type of Kafka's clients. */
const BROKER_LOGGER = 8;
const CLIENT_METRICS = 16;
const GROUP = 32;
const all = [RESOURCE_TOPIC, RESOURCE_BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP];

/** ListConfigResources 0–1 (KIP-1142): topics and brokers. Version 0 asks for client metrics alone. */
export const listConfigResourcesHandler = handler(
  listConfigResources,
  ({ resourceTypes }, { broker, version }) => {
    const asked = version === 0 ? [CLIENT_METRICS] : resourceTypes.length === 0 ? all : resourceTypes;
    if (!asked.every((type) => all.includes(type)))
      return { errorCode: codeOf('UNSUPPORTED_VERSION'), configResources: [] };
    const namesOf = (type: number): string[] => {
      if (type === RESOURCE_TOPIC) return broker.topics.all().map(({ name }) => name);
      return type === RESOURCE_BROKER || type === BROKER_LOGGER ? broker.nodes.ids.map(String) : [];
    };
    const configResources = [...new Set(asked)].flatMap((resourceType) =>
      namesOf(resourceType).map((resourceName) => ({ resourceName, resourceType })),
    );
    return { errorCode: 0, configResources };
  },
  { leftOut: 'client metrics (KIP-714) and configs of groups: there are none' },
);
