import { DdsError } from '../../../../errors/index.ts';
import type { CassandraOptions } from './options.ts';
import { storeError } from './store-error.ts';

const syntaxError = 0x2000;
const unauthorized = 0x2100;
const invalid = 0x2200;
const configError = 0x2300;
const serverReadTimeout = 0x1200;
const serverReadFailure = 0x1300;

/** Cassandra's words about a statement, in one line, with the place when it tells one. */
export function cqlError(options: CassandraOptions, thrown: unknown): Error {
  if (thrown instanceof DdsError) return thrown;
  const { code, name, message } = thrown as { code?: unknown; name: string; message: string };
  if (name === 'RangeError' || name === 'ReferenceError') return DdsError.from(thrown);
  const told = message.replace(/\s*\n\s*/g, ' ').trim();
  if (code === serverReadTimeout || code === serverReadFailure) {
    return new DdsError('DDS_SQL_TIMEOUT', `Cassandra gave the statement up: ${told}`, {
      cause: thrown,
      hint: 'Name the partitions in WHERE (the id and the bucket), so that less is read.',
    });
  }
  const isOfStatement =
    code === syntaxError || code === invalid || code === unauthorized || code === configError;
  // The driver's own words about parameters.
  if (!isOfStatement && name !== 'TypeError' && name !== 'ArgumentError') return storeError(options, thrown);
  const [, line, column, rest] = /^line (\d+):(\d+) (.*)$/.exec(told) ?? [];
  const place = line === undefined ? null : { line: Number(line), column: Number(column) + 1 };
  const text = place ? `${rest} (line ${place.line}, column ${place.column})` : told;
  const noTable =
    /^(table|unconfigured table) .*(does not exist)?/i.test(told) && /does not exist|unconfigured/.test(told);
  return new DdsError('DDS_SQL', text, {
    cause: thrown,
    ...(place && { details: place }),
    ...(noTable && { hint: "DESCRIBE TABLES lists them; a topic's table is made with its first record." }),
    ...(/ALLOW FILTERING/.test(told) && {
      hint: 'Name the whole partition in WHERE (the id and the bucket), or add ALLOW FILTERING to read everything.',
    }),
  });
}

export function writes(what: string): DdsError {
  return new DdsError('DDS_SQL_READ_ONLY', `the statement would write: ${what}`);
}
