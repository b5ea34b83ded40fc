import { DdsError } from '../../../../errors/index.ts';

/** DuckDB's words about a statement, in one line, with the place when it tells one. */
export function sqlError(thrown: unknown): DdsError {
  // DuckDB's own are plain errors.
  if (thrown instanceof DdsError || thrown instanceof TypeError || thrown instanceof RangeError)
    return DdsError.from(thrown);
  const text = (thrown instanceof Error ? thrown.message : String(thrown)).replace(
    /^Failed to [a-z ]+: /,
    '',
  );
  if (/launched in read-only mode/.test(text)) return writes(text.split('\n')[0]!);
  const [said = '', excerpt] = text.split(/\n\s*\n(?=LINE \d+:)/);
  const place = excerpt === undefined ? null : placeOf(excerpt);
  const message = said.replace(/\s*\n\s*/g, ' ').trim();
  const where = place
    ? ` (line ${place.line}${place.column === null ? '' : `, column ${place.column}`})`
    : '';
  const noTable = /^(Catalog Error: Table with name .+ does not exist!)/.exec(message);
  return new DdsError('DDS_SQL', (noTable?.[1] ?? message) + where, {
    cause: thrown,
    ...(place && { details: { ...place } }),
    // DuckDB's own guess is one of its system tables as long as a topic has no record yet.
    ...(noTable && { hint: "SHOW TABLES lists them; a topic's table is made with its first record." }),
  });
}

export function writes(what: string): DdsError {
  return new DdsError('DDS_SQL_READ_ONLY', `the statement would write: ${what}`);
}

/** `LINE 2:  b from t` and the caret below it. */
function placeOf(excerpt: string): { line: number; column: number | null } | null {
  const [shown = '', caret = ''] = excerpt.split('\n');
  const prefix = /^LINE (\d+): /.exec(shown);
  if (!prefix) return null;
  const at = caret.indexOf('^');
  // A long line is cut at its front; then nobody knows the column.
  const isCut = shown.startsWith('...', prefix[0].length);
  return { line: Number(prefix[1]), column: at < 0 || isCut ? null : at - prefix[0].length + 1 };
}
