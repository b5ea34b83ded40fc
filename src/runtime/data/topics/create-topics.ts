import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { readSchemaFile } from '../schemas/read-schema.ts';
import { refuseIncompatible } from '../schemas/refuse-incompatible.ts';
import { eachSite, everySite, type SiteChoice, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { checked } from './checked.ts';

export interface CreateTopicsOptions extends SiteChoice {
  topics: readonly string[];
  partitions: number;
  configs: Readonly<Record<string, string>>;
  /** File of an Avro schema to register for the values first. */
  schemaFile?: string | undefined;
}

export interface CreateTopicsResult {
  topics: string[];
  partitions: number;
  configs: Record<string, string>;
  /** `schemaId`: null without a schema. */
  sites: SiteOutcome<{ schemaId: number | null }>[];
}

/**
 * Creates topics. Every chosen site is asked first whether it would take them, so that a mistake changes nothing.
 * Throws DDS_USAGE, DDS_TOPIC_EXISTS, DDS_INCOMPATIBLE, all before anything is changed.
 */
export async function createTopics(
  options: CreateTopicsOptions,
  context: RuntimeContext,
): Promise<CreateTopicsResult> {
  const { topics, partitions, configs, schemaFile } = options;
  const schema = schemaFile === undefined ? null : await readSchemaFile(schemaFile, context);
  const specs = topics.map((name) => ({ name, partitions, configs }));
  return withSitesToChange(options, context, async (open) => {
    await everySite(open, async ({ admin, registry }) => {
      const existing = new Set((await admin.listTopics()).map(({ name }) => name));
      const taken = topics.find((name) => existing.has(name));
      if (taken !== undefined) {
        throw new DdsError('DDS_TOPIC_EXISTS', `the topic ${taken} is there already`, {
          details: { topic: taken },
        });
      }
      await checked(admin.createTopics(specs, { validateOnly: true }));
      if (schema === null) return;
      for (const name of topics) await refuseIncompatible(registry, `${name}-value`, schema);
    });
    const sites = await eachSite(open, async ({ admin, registry }) => {
      let schemaId: number | null = null;
      if (schema !== null) {
        for (const name of topics) schemaId = await registry.register(`${name}-value`, schema);
      }
      await admin.createTopics(specs);
      return { schemaId };
    });
    return { topics: [...topics], partitions, configs: { ...configs }, sites };
  });
}
