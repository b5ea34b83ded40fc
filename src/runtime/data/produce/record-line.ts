import { DdsError } from '../../../errors/index.ts';
import type { Header } from '../../kafka/port.ts';

/** One record as it was written in the input; keys and values not yet encoded. */
export interface LineRecord {
  site: string | null;
  topic: string;
  partition: number | null;
  timestamp: number | null;
  key: Part;
  value: Part;
  headers: Header[];
}

/** Bytes as they are, or JSON that is still to be encoded. */
export type Part = { bytes: Buffer } | { json: unknown };

/** What is wrong with a line; the caller adds where it is. */
export class BadLine extends Error {}

/** Integers beyond 2^53 and long fractions would lose digits in a JavaScript number. */
const manyDigits = /\d{16}|\d\.\d{15}/;

/** Throws BadLine. Numbers that JavaScript cannot hold are kept as they are written. */
export function parseJson(text: string): unknown {
  try {
    if (!manyDigits.test(text)) return JSON.parse(text);
    return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) => {
      const source = context?.source;
      const exact = typeof value !== 'number' || source === undefined || String(value) === source;
      return exact ? value : new ExactNumber(source);
    });
  } catch (error) {
    throw new BadLine(`not JSON: ${(error as Error).message}`);
  }
}

/** A number by its digits. */
export class ExactNumber {
  readonly source: string;
  constructor(source: string) {
    this.source = source;
  }
  toJSON(): unknown {
    return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(this.source);
  }
}

/** A line as `dds tail` prints it: topic, partition, ts, key or keyB64, value or valueB64, headers. Throws BadLine. */
export function parseRecord(text: string): LineRecord {
  const line = parseJson(text);
  if (typeof line !== 'object' || line === null || Array.isArray(line)) {
    throw new BadLine(`${shown(line)} is not a record as dds tail prints it: an object with topic and value`);
  }
  const { site, topic, partition, ts, key, keyB64, value, valueB64, headers } = line as Record<
    string,
    unknown
  >;
  if (typeof topic !== 'string' || topic === '') throw new BadLine(`topic is ${shown(topic)}, not a name`);
  if (value === undefined && valueB64 === undefined) throw new BadLine('there is neither value nor valueB64');
  return {
    ...{ site: optional('site', site, isText), topic },
    partition: optional('partition', partition, isCount),
    timestamp: optional('ts', ts, isCount),
    key: keyB64 === undefined ? { json: key ?? null } : { bytes: base64('keyB64', keyB64) },
    value: valueB64 === undefined ? { json: value } : { bytes: base64('valueB64', valueB64) },
    headers: parseHeaders(headers),
  };
}

/** `name=value`, as a flag. Throws DDS_USAGE. */
export function parseHeaderFlag(text: string): Header {
  const at = text.indexOf('=');
  if (at < 1) {
    throw new DdsError('DDS_USAGE', `--header ${text} is not NAME=VALUE`, {
      hint: 'Write it like --header source=plant-7.',
    });
  }
  return { key: text.slice(0, at), value: Buffer.from(text.slice(at + 1)) };
}

/** As `dds tail` shows them: a name that comes twice has a list, bytes are {"b64": …}. */
function parseHeaders(headers: unknown): Header[] {
  if (headers === undefined || headers === null) return [];
  if (typeof headers !== 'object' || Array.isArray(headers))
    throw new BadLine(`headers is ${shown(headers)}, not an object`);
  return Object.entries(headers).flatMap(([key, given]) =>
    (Array.isArray(given) ? given : [given]).map((value: unknown): Header => {
      if (value === null) return { key, value: null };
      if (typeof value === 'string') return { key, value: Buffer.from(value) };
      const b64 = (value as { b64?: unknown } | undefined)?.b64;
      if (b64 !== undefined) return { key, value: base64(`headers.${key}.b64`, b64) };
      throw new BadLine(`headers.${key} is ${shown(value)}, not a text`);
    }),
  );
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

function optional<T>(name: string, value: unknown, fits: (value: unknown) => value is T): T | null {
  if (value === undefined || value === null) return null;
  if (fits(value)) return value;
  throw new BadLine(`${name} is ${shown(value)}`);
}

function base64(name: string, value: unknown): Buffer {
  if (typeof value === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return Buffer.from(value, 'base64');
  throw new BadLine(`${name} is ${shown(value)}, not base64`);
}

/** A value in a message. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
