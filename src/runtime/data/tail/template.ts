import { DdsError } from '../../../errors/index.ts';
import { printable } from '../../../shared/printable.ts';
import { plainText } from './filter.ts';
import { headersJson, type RecordFormat, type RecordPlace, type ShownRecord } from './format.ts';

type Part = (place: RecordPlace, record: ShownRecord) => string;

/** kcat's, by their letter. */
const tokens: Readonly<Record<string, Part>> = {
  t: ({ topic }) => topic,
  p: ({ partition }) => String(partition),
  o: (_place, { offset }) => String(offset),
  k: (_place, record) => keyText(record),
  s: (_place, record) => valueText(record),
  K: (_place, { key }) => String(key?.length ?? -1),
  S: (_place, { value }) => String(value?.length ?? -1),
  R: (_place, { value }) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(value?.length ?? -1);
    return length.toString('latin1');
  },
  T: (_place, { timestamp }) => String(timestamp),
  h: (_place, { headers }) =>
    headers.map(({ key, value }) => `${key}=${value === null ? 'NULL' : Buffer.from(value)}`).join(','),
  '%': () => '%',
};
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', 0: '\0', '\\': '\\' };
const grammar = /%d\{(\w+)\}|%\{([^}]*)\}|%(.?)|\\x([0-9a-fA-F]{2})|\\(.?)|[^%\\]+/gsu;

/**
 * A format with kcat's tokens (`%t %p %o %k %s %K %S %T %h %%`), `%{site}`, `%{value.a.b}`, `%d{iso}` and `\n \t \xHH`. A
 * value is decoded; what could not be is base64. No line feed is added. Throws DDS_USAGE.
 */
export function templateFormat(template: string, options: { forTerminal: boolean }): RecordFormat {
  const parts = [...template.matchAll(grammar)].map((match) => part(template, match));
  return (place) => (record) => {
    const text = parts.map((one) => one(place, record)).join('');
    return options.forTerminal ? text.split('\n').map(printable).join('\n') : text;
  };
}

function part(template: string, [text, date, path, letter, hex, escaped]: RegExpMatchArray): Part {
  if (date !== undefined) {
    if (date === 'iso') return (_place, { timestamp }) => isoTime(timestamp);
    if (date === 'ms') return (_place, { timestamp }) => String(timestamp);
    throw unknown(template, text, '%d takes iso or ms');
  }
  if (path !== undefined) return pathPart(template, path);
  if (letter !== undefined) {
    const token = tokens[letter];
    if (!token) throw unknown(template, text, 'write %% for a percent sign');
    return token;
  }
  const fixed =
    hex === undefined
      ? escaped === undefined
        ? text
        : (escapes[escaped] ?? text)
      : String.fromCharCode(Number.parseInt(hex, 16));
  return () => fixed;
}

function pathPart(template: string, path: string): Part {
  const [root = '', ...steps] = path.split('.');
  const roots: Readonly<Record<string, (place: RecordPlace, record: ShownRecord) => unknown>> = {
    site: ({ site }) => site,
    topic: ({ topic }) => topic,
    partition: ({ partition }) => partition,
    offset: (_place, { offset }) => offset,
    ts: (_place, { timestamp }) => timestamp,
    key: (_place, { keyJson }) => (keyJson === null ? null : JSON.parse(keyJson)),
    value: (_place, { valueJson }) => (valueJson === null ? null : JSON.parse(valueJson)),
    headers: (_place, { headers }) => (headers.length > 0 ? JSON.parse(headersJson(headers)) : null),
    error: (_place, { error }) => error,
  };
  const read = Object.hasOwn(roots, root) ? roots[root] : undefined;
  if (!read) throw unknown(template, `%{${path}}`, `it begins with one of ${Object.keys(roots).join(', ')}`);
  return (place, record) => {
    let value = read(place, record);
    for (const step of steps) value = (value as Record<string, unknown> | null | undefined)?.[step];
    if (value === undefined || value === null) return '';
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
  };
}

const keyText = ({ key, keyJson }: ShownRecord): string => {
  if (key === null) return '';
  return keyJson === null ? key.toString('base64') : plainText(keyJson);
};

const valueText = ({ value, valueJson }: ShownRecord): string => {
  if (value === null) return '';
  return valueJson === null ? value.toString('base64') : plainText(valueJson);
};

const isoTime = (ms: number): string => (ms < 0 ? '' : new Date(ms).toISOString());

const unknown = (template: string, token: string, what: string): DdsError =>
  new DdsError('DDS_USAGE', `--format ${template}: ${token} is not a token; ${what}`, {
    hint: 'There are %t %p %o %k %s %K %S %T %h %%, %{site}, %{value.FIELD} and %d{iso}.',
  });
