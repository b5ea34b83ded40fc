import { isUtf8 } from 'node:buffer';
import { DdsError } from '../../../errors/index.ts';
import { textMatcher } from '../../../shared/topic-pattern.ts';
import type { RecordCursor } from '../../kafka/record-cursor.ts';
import { readWireId } from '../../serde/index.ts';
import { headersJson, type RecordPlace, type ShownRecord } from './format.ts';
import { compileWhere } from './where.ts';

export interface FilterOptions {
  /** Regular expressions; each must be found in the record's key, value or headers. */
  grep?: readonly string[] | undefined;
  /** None of these may be found there. */
  grepNot?: readonly string[] | undefined;
  /** Globs or /regex/ over the key; one must fit. */
  keys?: readonly string[] | undefined;
  /** `name=glob`; each must fit a header of that name. */
  headers?: readonly string[] | undefined;
  /** A CEL expression over site, topic, partition, offset, ts, key, value, headers and error. */
  where?: string | undefined;
}

export interface RecordFilter {
  /** True when the key alone, undecoded, rules the record out. */
  skips(cursor: RecordCursor): boolean;
  takes(place: RecordPlace, record: ShownRecord): boolean;
}

type Test = (place: RecordPlace, record: ShownRecord) => boolean;

/** Null when nothing is filtered. Throws DDS_USAGE. `report` is told once why an expression could not be computed. */
export async function compileFilter(
  options: FilterOptions,
  report: (message: string) => void,
): Promise<RecordFilter | null> {
  const { grep = [], grepNot = [], keys = [], headers = [], where } = options;
  const tests: Test[] = [];
  const found = grep.map((text) => regex('--grep', text));
  const unwanted = grepNot.map((text) => regex('--grep-v', text));
  const fits = keys.length > 0 ? textMatcher(keys) : null;
  if (fits) tests.push((_place, record) => record.keyJson !== null && fits(plainText(record.keyJson)));
  tests.push(...headers.map(headerTest));
  if (found.length > 0 || unwanted.length > 0) {
    tests.push((_place, record) => {
      const text = searchedText(record);
      return found.every((one) => one.test(text)) && !unwanted.some((one) => one.test(text));
    });
  }
  if (where !== undefined) tests.push(await compileWhere(where, report));
  if (tests.length === 0) return null;
  return {
    skips(cursor) {
      const key = fits && cursor.key();
      // A key in the wire format has to be decoded first.
      return !!fits && !!key && readWireId(key) === null && isUtf8(key) && !fits(key.toString('utf8'));
    },
    takes: (place, record) => tests.every((test) => test(place, record)),
  };
}

function regex(flag: string, text: string): RegExp {
  try {
    return new RegExp(text, 'u');
  } catch (cause) {
    throw new DdsError('DDS_USAGE', `${flag} ${text} is not a valid regular expression`, {
      hint: 'Write it as in JavaScript, and put a backslash before a bracket that stands for itself.',
      cause,
    });
  }
}

/** Key, value and headers as `--json` shows them, with spaces between. */
function searchedText(record: ShownRecord): string {
  const { keyJson, valueJson, headers, error } = record;
  const shown = `${keyJson === null ? '' : plainText(keyJson)} ${valueJson ?? error}`;
  return headers.length > 0 ? `${shown} ${headersJson(headers)}` : shown;
}

function headerTest(text: string): Test {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new DdsError('DDS_USAGE', `--header ${text} is not NAME=GLOB`, {
      hint: 'Write --header source=edge-*, or --header source=* for any value.',
    });
  }
  const [name, fits] = [text.slice(0, at), textMatcher([text.slice(at + 1)])];
  return (_place, { headers }) =>
    headers.some(
      ({ key, value }) => key === name && fits(value === null ? '' : Buffer.from(value).toString()),
    );
}

/** A JSON string without its quotes; other JSON as it is. */
export function plainText(json: string): string {
  return json.startsWith('"') ? (JSON.parse(json) as string) : json;
}
