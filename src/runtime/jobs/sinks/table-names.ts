/** Columns that every table has beside the fields of the records: the key before them, the others behind. */
export const ownColumns = [
  /** The record's key as text (the id, for registrations); bytes that are no text in hex. */
  { name: '_key', sql: 'VARCHAR' },
  /** From the time in the record (field `timestamp`, else the record's own) to the moment the row is written, ms. */
  { name: 'latency_ms', sql: 'BIGINT' },
  /** Where the record was made: header `dds-site`, else the sink's own site. */
  { name: 'site', sql: 'VARCHAR' },
  { name: '_partition', sql: 'INTEGER' },
  { name: '_offset', sql: 'BIGINT' },
  /** The record's own time, UTC. */
  { name: '_timestamp', sql: 'TIMESTAMP' },
] as const;

/** `temperature-data` → `temperature_data`; `taken` holds lower-case names, for SQL does not tell cases apart. */
export function tableName(topic: string, taken: ReadonlySet<string>): string {
  return freeName(topic.replace(/[^A-Za-z0-9]/g, '_'), taken, (name, n) => `${name}_${n}`);
}

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
