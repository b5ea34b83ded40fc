import { isUtf8 } from 'node:buffer';
import { printable } from '../../../shared/printable.ts';
import { siteColourIndex } from '../../../shared/site-colour.ts';
import type { Header } from '../../kafka/port.ts';

/** What is shown of one record; `valueJson` is null when the value could not be decoded. */
export interface ShownRecord {
  offset: number;
  /** ms since the epoch */
  timestamp: number;
  /** JSON text of the key, null when its bytes are not text. */
  keyJson: string | null;
  key: Buffer | null;
  valueJson: string | null;
  value: Buffer | null;
  error: string | null;
  headers: Header[];
}

export interface RecordPlace {
  site: string;
  topic: string;
  partition: number;
}

/** Makes the line of a record, with its line feed. One for each partition, so that what never changes is made once. */
export type RecordFormat = (place: RecordPlace) => (record: ShownRecord) => string;

/** Colours a piece of text, or leaves it as it is. */
export type TailPaint = (
  style: 'cyan' | 'dim' | 'green' | 'magenta' | 'red' | 'yellow' | 'blue',
  text: string,
) => string;

/** One JSON object a line. */
export const jsonFormat: RecordFormat = ({ site, topic, partition }) => {
  const start = `{"site":${JSON.stringify(site)},"topic":${JSON.stringify(topic)},"partition":${partition},"offset":`;
  return (record) => {
    let line = `${start}${record.offset},"ts":${record.timestamp},`;
    line += record.keyJson === null ? `"keyB64":"${base64(record.key)}",` : `"key":${record.keyJson},`;
    line +=
      record.valueJson === null
        ? `"valueB64":"${base64(record.value)}","error":${JSON.stringify(record.error)}`
        : `"value":${record.valueJson}`;
    if (record.headers.length > 0) line += `,"headers":${headersJson(record.headers)}`;
    return printable(`${line}}\n`);
  };
};

/** Lines for a person: time, site, topic/partition@offset, key, value. */
export function textFormat(paint: TailPaint, now: () => number): RecordFormat {
  const clock = timeFormatter(now);
  return ({ site, topic, partition }) => {
    const shownSite = paint(siteColour(site), site);
    return (record) => {
      const place = `${paint('dim', `${clock(record.timestamp)} `)}${shownSite} ${topic}${paint('dim', `/${partition}@${record.offset}`)}`;
      const key = record.keyJson === null ? `0x${record.key!.toString('hex')}` : plainKey(record.keyJson);
      const value =
        record.valueJson === null
          ? paint('red', printable(`cannot be decoded: ${record.error}; base64 ${base64(record.value)}`))
          : printable(record.valueJson);
      return `${place} ${paint('yellow', printable(key))} ${value}\n`;
    };
  };
}

/** JSON text of a key or of a value that is not Avro: JSON if it is that, else a string; null when it is not text. */
export function textJson(bytes: Buffer, parse: boolean): string | null {
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString('utf8');
  const first = text.trimStart()[0];
  if (parse && (first === '{' || first === '[')) {
    try {
      JSON.parse(text);
      // The text itself, not what was parsed: numbers keep all their digits. Bare control characters stand between
      // tokens only.
      return text.replace(/[\t\r\n]+/g, ' ').trim();
    } catch {
      // Then it is a string that looks like JSON.
    }
  }
  return JSON.stringify(text);
}

/** A name that comes twice has a list; bytes that are not text are {"b64": …}. */
export function headersJson(headers: readonly Header[]): string {
  const values = new Map<string, string[]>();
  for (const { key, value } of headers) {
    const shown =
      value === null ? 'null' : headerJson(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    const known = values.get(key);
    if (known) known.push(shown);
    else values.set(key, [shown]);
  }
  let json = '';
  for (const [key, [first, ...more]] of values) {
    json += `${json ? ',' : ''}${JSON.stringify(key)}:${more.length ? `[${[first, ...more].join(',')}]` : first}`;
  }
  return `{${json}}`;
}

/** Text without control characters as a string; the rest is binary that happens to be UTF-8. */
function headerJson(value: Buffer): string {
  const isText =
    isUtf8(value) && !value.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
  return isText ? JSON.stringify(value.toString('utf8')) : `{"b64":"${value.toString('base64')}"}`;
}

const base64 = (bytes: Buffer | null) => bytes?.toString('base64') ?? '';

/** A key is shown without quotes where they say nothing. */
export function plainKey(json: string): string {
  return /^"[^"\\\s]+"$/.test(json) ? json.slice(1, -1) : json;
}

const siteColours = ['cyan', 'green', 'magenta', 'blue'] as const;

const siteColour = (site: string) => siteColours[siteColourIndex(site, siteColours.length)]!;

/** Local time with ms, and the date in front when it is not today's. */
export function timeFormatter(now: () => number): (timestamp: number) => string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = (date: Date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return (timestamp) => {
    if (timestamp < 0) return '-';
    const date = new Date(timestamp);
    const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
    const recordDay = day(date);
    return recordDay === day(new Date(now())) ? time : `${recordDay} ${time}`;
  };
}
