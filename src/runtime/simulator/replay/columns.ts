import { DdsError } from '../../../errors/index.ts';
import { nearNames } from '../../../shared/near-names.ts';

/** Fields of TemperatureData that a column can fill. */
export const replayFields = ['sensor_id', 'timestamp', 'temperature', 'unit'] as const;
export type ReplayField = (typeof replayFields)[number];

/** Which column of the file fills which field; a field that is not named takes the column of its own name. */
export type ColumnMap = Partial<Record<ReplayField, string>>;
/** A row is replayed when each of these columns has this value. */
export type RowFilter = readonly { column: string; value: string }[];

/** `sensor_id=location,timestamp=date`. Throws DDS_USAGE. */
export function parseColumnMap(texts: readonly string[]): ColumnMap {
  const map: ColumnMap = {};
  for (const part of texts.flatMap((text) => text.split(','))) {
    const [field, column] = assignment(part, '--map');
    const known = replayFields.find((name) => name === field);
    if (!known) {
      const [guess] = nearNames(field, replayFields, 1);
      throw new DdsError('DDS_USAGE', `--map ${part.trim()}: TemperatureData has no field ${field}`, {
        hint: `${guess ? `Did you mean ${guess}? ` : ''}The fields are ${replayFields.join(', ')}.`,
      });
    }
    if (map[known] !== undefined) throw new DdsError('DDS_USAGE', `--map names the field ${field} twice`);
    map[known] = column;
  }
  return map;
}

/** The same for any schema; whether it has the fields shows when it is there. Throws DDS_USAGE. */
export function parseFieldMap(texts: readonly string[]): Record<string, string> {
  const map: Record<string, string> = {};
  for (const part of texts.flatMap((text) => text.split(','))) {
    const [field, column] = assignment(part, '--map');
    if (map[field] !== undefined) throw new DdsError('DDS_USAGE', `--map names the field ${field} twice`);
    map[field] = column;
  }
  return map;
}

/** `location=Seattle`, several times for several columns. Throws DDS_USAGE. */
export function parseRowFilter(texts: readonly string[]): RowFilter {
  return texts.map((text) => {
    const [column, value] = assignment(text, '--filter');
    return { column, value };
  });
}

function assignment(text: string, flag: string): [string, string] {
  const at = text.indexOf('=');
  const name = text.slice(0, at).trim();
  const value = text.slice(at + 1).trim();
  if (at < 1 || name === '' || value === '') {
    const example = flag === '--map' ? 'sensor_id=location' : 'location=Seattle';
    throw new DdsError('DDS_USAGE', `${flag} ${text} is not allowed: give name=value, such as ${example}`);
  }
  return [name, value];
}
