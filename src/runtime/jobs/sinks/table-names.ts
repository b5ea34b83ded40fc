import { createHash } from 'node:crypto';

/** `temperature-data` → `temperature_data`; `taken` holds lower-case names, for SQL does not tell cases apart. */
export function tableName(
  topic: string,
  taken: ReadonlySet<string>,
  longest = Number.POSITIVE_INFINITY,
): string {
  const name = topic.replace(/[^A-Za-z0-9]/g, '_');
  // Room for a number that makes it free.
  const short = name.length <= longest - 4 ? name : `${name.slice(0, longest - 13)}_${hash(topic)}`;
  return freeName(short, taken, (same, n) => `${same}_${n}`);
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** A field keeps its name unless it meets a column that is there already: then it gets underscores at its end. */
export function columnName(field: string, taken: ReadonlySet<string>): string {
  return freeName(field, taken, (name, n) => name + '_'.repeat(n - 1));
}

function freeName(
  name: string,
  taken: ReadonlySet<string>,
  other: (name: string, n: number) => string,
): string {
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = other(name, n);
  return free;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
