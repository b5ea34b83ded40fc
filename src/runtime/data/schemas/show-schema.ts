import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import type { RegistryClient, SchemaReference, SchemaType } from '../../serde/index.ts';
import { everySite, type SiteChoice, withSites } from '../sites/at-sites.ts';
import { parseSubject, type SubjectRef, unknownSubject } from './subject.ts';

export interface ShowSchemaOptions extends SiteChoice {
  /** `SUBJECT` or `SUBJECT:VERSION`; or else an id. */
  subject?: string | undefined;
  id?: number | undefined;
}

export interface ShownSchema {
  /** The sites that have exactly this. */
  sites: string[];
  /** null when it was asked for by its id and is under several subjects or none. */
  subject: string | null;
  version: number | null;
  id: number;
  type: SchemaType;
  references: SchemaReference[];
  schema: string;
}

export interface ShowSchemaResult {
  schemas: ShownSchema[];
}

/** Shows a schema; where sites differ, each one that there is. Throws DDS_USAGE, DDS_UNKNOWN_SUBJECT. */
export async function showSchema(
  options: ShowSchemaOptions,
  context: RuntimeContext,
): Promise<ShowSchemaResult> {
  const { subject, id } = options;
  if ((subject === undefined) === (id === undefined)) {
    throw new DdsError('DDS_USAGE', 'one of a subject and --id says which schema', {
      hint: 'Try dds schemas show temperature-data-value, or --id 1.',
    });
  }
  const wanted = subject === undefined ? null : parseSubject(subject);
  return withSites(options, context, async (open) => {
    const found = await everySite(open, async ({ site, registry }) => ({
      site,
      schema: wanted ? await ofSubject(registry, wanted) : await ofId(registry, id ?? 0),
      subjects: wanted ? await registry.subjects() : [],
    }));
    const merged = new Map<string, ShownSchema>();
    for (const { site, schema } of found) {
      if (!schema) continue;
      const key = JSON.stringify(schema);
      const known = merged.get(key);
      if (known) known.sites.push(site);
      else merged.set(key, { sites: [site], ...schema });
    }
    if (merged.size > 0) return { schemas: [...merged.values()] };
    if (wanted) throw unknownSubject(wanted, [...new Set(found.flatMap(({ subjects }) => subjects))]);
    throw new DdsError('DDS_UNKNOWN_SUBJECT', `no schema has the id ${id}`, { details: { id } });
  });
}

type Found = Omit<ShownSchema, 'sites'> | null;

async function ofSubject(registry: RegistryClient, { subject, version }: SubjectRef): Promise<Found> {
  const found = version === null ? await registry.latest(subject) : await registry.version(subject, version);
  if (!found) return null;
  const { id, schemaType: type, references, schema } = found;
  return { subject, version: found.version, id, type, references, schema };
}

async function ofId(registry: RegistryClient, id: number): Promise<Found> {
  const found = await registry.schemaById(id);
  if (!found) return null;
  const places = await registry.versionsOf(id);
  const [only] = places.length === 1 ? places : [];
  const { schemaType: type, references, schema } = found;
  return { subject: only?.subject ?? null, version: only?.version ?? null, id, type, references, schema };
}
