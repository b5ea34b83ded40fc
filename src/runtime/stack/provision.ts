import { kafkaAt, registryAt } from '../../shared/access.ts';
import type { ConfigEntry } from '../kafka/index.ts';
import type { SiteSpec, TopicSpec } from '../topology/index.ts';
import { alteredConfigs } from './changes.ts';
import type { SiteEndpoints } from './types.ts';

/**
 * Creates the topics of a site and registers their schemas; what is there already is brought up to the topology. A
 * setting that the topology had before and has no more goes back to the broker's default. A cluster that dds did not start
 * is another matter: its topics are made where they are missing, and changed only as the topology has changed since
 * `before`; what is left as it is is told.
 */
export async function provisionSite(
  site: SiteSpec,
  endpoints: SiteEndpoints,
  before?: SiteSpec,
): Promise<string[]> {
  const [left] = await Promise.all([
    createTopics(site, endpoints, before?.topics ?? []),
    registerSchemas(site.topics, endpoints),
  ]);
  return left;
}

async function createTopics(
  { topics, cluster }: SiteSpec,
  endpoints: SiteEndpoints,
  before: readonly TopicSpec[],
): Promise<string[]> {
  if (topics.length === 0) return [];
  const { createKafka } = await import('../kafka/index.ts');
  const kafka = createKafka(kafkaAt(endpoints, `dds-up-${endpoints.site}`));
  try {
    const admin = kafka.admin();
    const specs = topics.map(({ name, partitions, configs }) => ({ name, partitions, configs }));
    const created = new Set(await admin.createTopics(specs));
    const existing = topics.filter((topic) => !created.has(topic.name));
    if (existing.length === 0) return [];
    const descriptions = await admin.describeTopics(existing.map((topic) => topic.name));
    const left: string[] = [];
    for (const topic of existing) {
      const now = descriptions.find((description) => description.name === topic.name);
      const old = before.find(({ name }) => name === topic.name);
      if (cluster && !old) {
        const [configs = []] = await admin.describeConfigs([topic.name], Object.keys(topic.configs));
        left.push(...differences(topic, now?.partitions.length ?? 0, configs));
        continue;
      }
      if (now && now.partitions.length < topic.partitions)
        await admin.createPartitions(topic.name, topic.partitions);
      if (cluster && old) {
        await admin.alterTopicConfigs(topic.name, alteredConfigs(old, topic));
        continue;
      }
      const configs = await admin.topicConfigs(topic.name);
      const wanted = Object.entries(topic.configs).filter(([key, value]) => configs[key] !== value);
      const changes = { ...(old && alteredConfigs(old, topic)), ...Object.fromEntries(wanted) };
      if (Object.keys(changes).length > 0) await admin.alterTopicConfigs(topic.name, changes);
    }
    return left;
  } finally {
    await kafka.close();
  }
}

/** Where a topic of somebody else's cluster is not what the topology says. */
function differences(topic: TopicSpec, partitions: number, configs: readonly ConfigEntry[]): string[] {
  const unlike = [
    ...(partitions < topic.partitions ? [`${partitions} partitions, not ${topic.partitions}`] : []),
    ...configs
      .filter(({ name, value }) => value !== topic.configs[name])
      .map(({ name, value }) => `${name} ${value}, not ${topic.configs[name]}`),
  ];
  if (unlike.length === 0) return [];
  const what = `topic ${topic.name} is there with ${unlike.join('; ')}: left as it is`;
  return [`${what}; dds topics alter ${topic.name} changes it`];
}

async function registerSchemas(topics: readonly TopicSpec[], endpoints: SiteEndpoints): Promise<void> {
  const schemas = topics.flatMap((topic) => topic.schema ?? []);
  if (schemas.length === 0) return;
  const { createRegistryClient } = await import('../serde/registry-client.ts');
  const registry = createRegistryClient(registryAt(endpoints));
  // One after the other: the order of the topology decides the ids, at every start and every site.
  for (const { subject, text } of schemas) await registry.register(subject, text);
}
