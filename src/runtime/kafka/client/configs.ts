import {
  CONFIG_OPERATION_DELETE,
  CONFIG_OPERATION_SET,
  CONFIG_SOURCE_DEFAULT,
  CONFIG_SOURCE_TOPIC,
  describeConfigs,
  incrementalAlterConfigs,
  RESOURCE_TOPIC,
} from '../../protocol/index.ts';
import type { ConfigEntry } from '../port.ts';
import type { Cluster } from './cluster.ts';
import { refusal } from './errors.ts';

const sourceOf = (source: number): ConfigEntry['source'] =>
  source === CONFIG_SOURCE_TOPIC ? 'topic' : source === CONFIG_SOURCE_DEFAULT ? 'default' : 'broker';

/** Configs of each topic, in the order asked: the named ones, else all. */
export async function readTopicConfigs(
  cluster: Cluster,
  topics: readonly string[],
  names?: readonly string[],
): Promise<ConfigEntry[][]> {
  if (topics.length === 0) return [];
  return cluster.retrying(async () => {
    const connection = await cluster.any();
    const { results } = await connection.request(describeConfigs, {
      resources: topics.map((name) => ({
        resourceType: RESOURCE_TOPIC,
        resourceName: name,
        configurationKeys: names ? [...names] : null,
      })),
    });
    const byName = new Map<string, ConfigEntry[]>();
    for (const { resourceName, errorCode, errorMessage, configs } of results) {
      if (errorCode) throw refusal(errorCode, `configuration of ${resourceName}`, errorMessage);
      byName.set(
        resourceName,
        configs.map(({ name, value, isDefault, configSource, readOnly }) => ({
          ...{ name, value, readOnly },
          // Version 0 only tells whether it is the default.
          source: configSource >= 0 ? sourceOf(configSource) : isDefault ? 'default' : 'topic',
        })),
      );
    }
    return topics.map((name) => byName.get(name) ?? []);
  });
}

/** Sets configs of a topic, or with null takes its own value away, without touching the others (KIP-339). */
export async function changeTopicConfigs(
  cluster: Cluster,
  topic: string,
  changes: Readonly<Record<string, string | null>>,
  validateOnly = false,
): Promise<void> {
  const configs = Object.entries(changes).map(([name, value]) => ({
    ...{ name, value },
    configOperation: value === null ? CONFIG_OPERATION_DELETE : CONFIG_OPERATION_SET,
  }));
  if (configs.length === 0) return;
  await cluster.retrying(async () => {
    const connection = await cluster.any();
    const { responses } = await connection.request(incrementalAlterConfigs, {
      resources: [{ resourceType: RESOURCE_TOPIC, resourceName: topic, configs }],
      validateOnly,
    });
    const failed = responses.find(({ errorCode }) => errorCode !== 0);
    if (failed) throw refusal(failed.errorCode, `configuration of ${topic}`, failed.errorMessage);
  });
}
