import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, everySite, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import type { SchemaFileOptions } from './check-schema.ts';
import { readSchemaFile } from './read-schema.ts';
import { refuseIncompatible } from './refuse-incompatible.ts';

export interface RegisterSchemaResult {
  subject: string;
  /** `isNew`: false when the subject had this schema already. */
  sites: SiteOutcome<{ id: number; version: number; isNew: boolean }>[];
}

/**
 * Registers a schema under a subject. When one site would not take it, none gets it.
 * Throws DDS_INCOMPATIBLE, DDS_USAGE and what readSchemaFile throws.
 */
export async function registerSchema(
  options: SchemaFileOptions,
  context: RuntimeContext,
): Promise<RegisterSchemaResult> {
  const { subject } = options;
  const schema = await readSchemaFile(options.file, context);
  return withSitesToChange(options, context, async (open) => {
    await everySite(open, ({ registry }) => refuseIncompatible(registry, subject, schema));
    const sites = await eachSite(open, async ({ registry }) => {
      const before = await registry.lookup(subject, schema);
      const id = await registry.register(subject, schema);
      const after = await registry.lookup(subject, schema);
      return { id, version: after?.version ?? 1, isNew: before === null };
    });
    return { subject, sites };
  });
}
