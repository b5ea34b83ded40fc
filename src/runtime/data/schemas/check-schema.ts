import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, type SiteChoice, withSites } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { readSchemaFile } from './read-schema.ts';
import { plainReasons } from './reasons.ts';

export interface SchemaFileOptions extends SiteChoice {
  subject: string;
  /** Path of an Avro schema. */
  file: string;
}

export interface SchemaCheck {
  compatible: boolean;
  /** The compatibility level in force. */
  level: string;
  /** Latest version of the subject; null when it would be the first. */
  latest: number | null;
  /** Why it is not compatible. */
  reasons: string[];
}

export interface CheckSchemaResult {
  subject: string;
  sites: SiteOutcome<SchemaCheck>[];
}

/** Finds out whether each site's registry would take a schema, without registering it. Throws what readSchemaFile throws. */
export async function checkSchema(
  options: SchemaFileOptions,
  context: RuntimeContext,
): Promise<CheckSchemaResult> {
  const { subject } = options;
  const schema = await readSchemaFile(options.file, context);
  return withSites(options, context, async (open) => ({
    subject,
    sites: await eachSite(open, async ({ registry }): Promise<SchemaCheck> => {
      const [level, latest, messages] = await Promise.all([
        registry.compatibility(subject),
        registry.latest(subject),
        registry.incompatibilities(subject, schema),
      ]);
      const reasons = plainReasons(messages);
      return { compatible: reasons.length === 0, level, latest: latest?.version ?? null, reasons };
    }),
  }));
}
