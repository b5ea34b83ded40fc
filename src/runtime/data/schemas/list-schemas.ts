import type { RuntimeContext } from '../../../shared/context.ts';
import { eachSite, type SiteChoice, withSites } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';

export interface SubjectListing {
  subject: string;
  versions: number[];
  /** Id of the latest version. */
  id: number;
  /** AVRO, JSON or PROTOBUF. */
  type: string;
  /** The level in force, its own or the registry's. */
  compatibility: string;
}

export interface ListSchemasResult {
  sites: SiteOutcome<{ subjects: SubjectListing[] }>[];
}

/** Lists the subjects of each site's Schema Registry. */
export async function listSchemas(options: SiteChoice, context: RuntimeContext): Promise<ListSchemasResult> {
  return withSites(options, context, async (open) => ({
    sites: await eachSite(open, async ({ registry }) => {
      const bySubject = Map.groupBy(await registry.all(), ({ subject }) => subject);
      const subjects = [...bySubject].map(async ([subject, versions]): Promise<SubjectListing> => {
        const latest = versions.reduce((last, one) => (one.version > last.version ? one : last));
        return {
          subject,
          versions: versions.map(({ version }) => version),
          id: latest.id,
          type: latest.schemaType,
          compatibility: await registry.compatibility(subject),
        };
      });
      return { subjects: await Promise.all(subjects) };
    }),
  }));
}
