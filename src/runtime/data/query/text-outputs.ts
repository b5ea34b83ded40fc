import type { JsonValue } from '../../jobs/sinks/index.ts';
import type { RowOutput, WriteText } from './output.ts';

/**
 * CSV as in RFC 4180: a header, lines that end with CR LF. NULL is an empty field and empty text is `""`; lists, structs and maps
 * are JSON.
 */
export function csvOutput(write: WriteText): RowOutput {
  const line = (values: readonly JsonValue[]) => `${values.map(csvField).join(',')}\r\n`;
  return {
    start: (columns) => write(line(columns.map(({ name }) => name))),
    rows: (rows) => write(rows.map(line).join('')),
    end: () => undefined,
  };
}

function csvField(value: JsonValue): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * One JSON value, written while the rows come: `{"site", "columns", "rows", "truncated"}`, with `"sites"` and `"failures"` when
 * all sites were asked, and `"interrupted"` or `"failures"` where it was cut short.
 */
export function jsonOutput(write: WriteText, allSites: boolean): RowOutput {
  let opened = false;
  let separator = '';
  const open = (columns: unknown) => {
    opened = true;
    return write(`{"columns":${JSON.stringify(columns)},"rows":[`);
  };
  return {
    start: open,
    rows(rows) {
      const text = rows.map((row) => JSON.stringify(row)).join(',');
      const before = separator;
      separator = ',';
      return text === '' ? undefined : write(before + text);
    },
    async end({ sites, truncated, interrupted, failures }) {
      if (!opened) await open([]);
      const rest = {
        ...(allSites ? { sites } : { site: sites[0] }),
        truncated,
        ...(interrupted && { interrupted }),
        ...((allSites || failures.length > 0) && { failures }),
      };
      await write(`],${JSON.stringify(rest).slice(1)}\n`);
    },
  };
}
