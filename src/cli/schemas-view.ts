import type { CheckSchemaResult } from '../runtime/data/schemas/check-schema.ts';
import type { DeleteSchemaResult } from '../runtime/data/schemas/delete-schema.ts';
import type { ListSchemasResult } from '../runtime/data/schemas/list-schemas.ts';
import type { ShowSchemaResult } from '../runtime/data/schemas/show-schema.ts';
import { succeeded } from '../runtime/data/sites/outcomes.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

export function subjectsTable({ sites }: ListSchemasResult, paint: Paint): string {
  const rows = succeeded(sites).flatMap(({ site, subjects }) =>
    subjects.map(({ subject, versions, id, type, compatibility }) => [
      ...[site, subject, versionsText(versions), String(id), type, compatibility],
    ]),
  );
  if (rows.length === 0) return 'there are no schemas\n';
  const head = ['SITE', 'SUBJECT', 'VERSIONS', 'ID', 'TYPE', 'COMPATIBILITY'];
  return formatTable(head, rows, { paint, right: [3] });
}

/** `[1, 2, 3, 5]` → `1-3,5` */
function versionsText(versions: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const version of versions) {
    const last = ranges.at(-1);
    if (last && last[1] === version - 1) last[1] = version;
    else ranges.push([version, version]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

/** The schemas themselves, and for each a line that says whose it is. */
export function schemaTexts({ schemas }: ShowSchemaResult): { heads: string[]; texts: string[] } {
  return {
    heads: schemas.map(({ sites, subject, version, id, type }) => {
      const place = subject === null ? '' : `${subject} version ${version}, `;
      return `${place}id ${id}, ${type}, at ${sites.join(', ')}`;
    }),
    texts: schemas.map(({ schema, type }) => `${type === 'PROTOBUF' ? schema : pretty(schema)}\n`),
  };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

export function checkLines({ subject, sites }: CheckSchemaResult): string {
  return succeeded(sites)
    .map(({ site, compatible, level, latest, reasons }) => {
      if (latest === null) return `${site}: ${subject} has no version yet, so any schema goes\n`;
      const said = compatible ? 'compatible with' : 'not compatible with';
      const lines = reasons.map((reason) => `  ${reason}\n`);
      return `${site}: ${said} ${subject} version ${latest} (${level})\n${lines.join('')}`;
    })
    .join('');
}

export function deletionLines({ subject, permanent, dryRun, sites }: DeleteSchemaResult): string {
  const what = `${dryRun ? 'would be ' : ''}deleted${permanent ? ' for good' : ''}`;
  return succeeded(sites)
    .map(({ site, versions }) => `${site}: ${subject} ${versionsText(versions)} ${what}\n`)
    .join('');
}
