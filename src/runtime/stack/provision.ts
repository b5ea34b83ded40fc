import type { SiteSpec, TopicSpec } from '../topology/index.ts';
import { alteredConfigs } from './changes.ts';
import type { SiteEndpoints } from './types.ts';

/**
 * Creates the topics of a site and registers their schemas; what is there already is brought up to the topology. A
 * setting that the topology had before and has no more goes back to the broker's default.
 */
export async function provisionSite(
  site: SiteSpec,
  endpoints: SiteEndpoints,
  before?: SiteSpec,
): Promise<void> {
  await Promise.all([
    createTopics(site.topics, endpoints, before?.topics ?? []),
    registerSchemas(site.topics, endpoints),
  ]);
}

async function createTopics(
  topics: readonly TopicSpec[],
  { site, brokers }: SiteEndpoints,
  before: readonly TopicSpec[],
): Promise<void> {
  if (topics.length === 0) return;
  const { createKafka } = await import('../kafka/index.ts');
  const kafka = createKafka({ brokers, clientId: `dds-up-${site}` });
  try {
    const admin = kafka.admin();
    const specs = topics.map(({ name, partitions, configs }) => ({ name, partitions, configs }));
    const created = new Set(await admin.createTopics(specs));
    const existing = topics.filter((topic) => !created.has(topic.name));
    if (existing.length === 0) return;
    const descriptions = await admin.describeTopics(existing.map((topic) => topic.name));
    for (const topic of existing) {
      const now = descriptions.find((description) => description.name === topic.name);
      if (now && now.partitions.length < topic.partitions)
        await admin.createPartitions(topic.name, topic.partitions);
      const configs = await admin.topicConfigs(topic.name);
      const old = before.find(({ name }) => name === topic.name);
      const wanted = Object.entries(topic.configs).filter(([key, value]) => configs[key] !== value);
      const changes = { ...(old && alteredConfigs(old, topic)), ...Object.fromEntries(wanted) };
      if (Object.keys(changes).length > 0) await admin.alterTopicConfigs(topic.name, changes);
    }
  } finally {
    await kafka.close();
  }
}

async function registerSchemas(topics: readonly TopicSpec[], { registryUrl }: SiteEndpoints): Promise<void> {
  const schemas = topics.flatMap((topic) => topic.schema ?? []);
  if (schemas.length === 0) return;
  const { createRegistryClient } = await import('../serde/registry-client.ts');
  const registry = createRegistryClient(registryUrl);
  // One after the other: the order of the topology decides the ids, at every start and every site.
  for (const { subject, text } of schemas) await registry.register(subject, text);
}
