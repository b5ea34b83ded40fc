import { describe, expect, it } from 'vitest';
import {
  jsonFormat,
  type ShownRecord,
  textFormat,
  textJson,
} from '../../../../src/runtime/data/tail/format.ts';
import { printable } from '../../../../src/shared/printable.ts';

const place = { site: 'edge-1', topic: 'temperature-data', partition: 2 };
const record = (fields: Partial<ShownRecord> = {}): ShownRecord => ({
  offset: 7,
  timestamp: 1500,
  keyJson: '"s-1"',
  key: Buffer.from('s-1'),
  valueJson: '{"a":1}',
  value: Buffer.alloc(6),
  error: null,
  headers: [],
  ...fields,
});
const json = (fields?: Partial<ShownRecord>) => JSON.parse(jsonFormat(place)(record(fields)));

describe('jsonFormat', () => {
  it('writes one object a line', () => {
    expect(jsonFormat(place)(record())).toBe(
      '{"site":"edge-1","topic":"temperature-data","partition":2,"offset":7,"ts":1500,"key":"s-1","value":{"a":1}}\n',
    );
  });

  it('keeps what cannot be decoded', () => {
    const { valueB64, error, ...rest } = json({
      valueJson: null,
      value: Buffer.from([0, 255]),
      error: 'no "id"\n2',
    });
    expect({ valueB64, error }).toEqual({ valueB64: 'AP8=', error: 'no "id"\n2' });
    expect(rest).not.toHaveProperty('value');
  });

  it('keeps keys that are not text, and has none and tombstones as null', () => {
    expect(json({ keyJson: null, key: Buffer.from([255]) })).toMatchObject({ keyB64: '/w==' });
    expect(json({ keyJson: 'null', key: null, valueJson: 'null', value: null })).toMatchObject({
      key: null,
      value: null,
    });
  });

  it('shows headers: text, bytes, nothing, and a name that comes twice', () => {
    const headers = [
      { key: 'dds-site', value: Buffer.from('edge-1') },
      { key: 'dds-intended', value: Buffer.from([0, 6, 63, 1, 2, 3, 4, 5]) },
      { key: 'none', value: null },
      { key: 'twice', value: Buffer.from('a') },
      { key: 'twice', value: Buffer.from([0xff]) },
    ];
    expect(json({ headers }).headers).toEqual({
      'dds-site': 'edge-1',
      'dds-intended': { b64: 'AAY/AQIDBAU=' },
      none: null,
      twice: ['a', { b64: '/w==' }],
    });
  });
});

describe('textFormat', () => {
  const now = new Date(2026, 6, 15, 13).getTime();
  const at = (...time: [number, number, number, number]) => new Date(2026, 6, ...time).getTime();
  const plain = textFormat(
    (_style, text) => text,
    () => now,
  )(place);
  const marked = textFormat(
    (style, text) => `<${style}:${text}>`,
    () => now,
  )(place);

  it('shows time, place, key and value', () => {
    expect(plain(record({ timestamp: at(15, 9, 5, 3) + 45 }))).toBe(
      '09:05:03.045 edge-1 temperature-data/2@7 s-1 {"a":1}\n',
    );
    expect(plain(record({ timestamp: at(14, 9, 5, 3) }))).toMatch(/^2026-07-14 09:05:03.000 edge-1 /);
    expect(plain(record({ keyJson: '"a b"' }))).toContain(' "a b" {');
    expect(plain(record({ keyJson: 'null' }))).toContain(' null {');
    expect(plain(record({ keyJson: null, key: Buffer.from([1, 255]) }))).toContain(' 0x01ff {');
  });

  it('marks what cannot be decoded', () => {
    expect(marked(record({ valueJson: null, value: Buffer.from('x'), error: 'no Avro' }))).toContain(
      '<red:cannot be decoded: no Avro; base64 eA==>',
    );
  });
});

it('lets nothing through that steers a terminal', () => {
  const evil = '\u001b[31m\u0007\u007f\u009b31m\u202eabc\u2066';
  const fields = {
    keyJson: textJson(Buffer.from(evil), false),
    valueJson: textJson(Buffer.from(`{"a":"${evil.slice(7)}"}`), true),
    error: null,
  };
  const lines = [
    jsonFormat(place)(record(fields)),
    textFormat((_style, text) => text, Date.now)(place)(record(fields)),
  ];
  for (const line of lines) expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  expect(JSON.parse(lines[0]!)).toMatchObject({ key: evil });
  expect(printable('plain – ünïcode 🌡')).toBe('plain – ünïcode 🌡');
});

it.each([
  ['{"a":1}', '{"a":1}'],
  ['{\n\t"a": 12345678901234567890 }\n', '{ "a": 12345678901234567890 }'],
  ['{"a":', '"{\\"a\\":"'],
  ['hello', '"hello"'],
  ['12', '"12"'],
  ['', '""'],
])('textJson(%j)', (text, expected) => expect(textJson(Buffer.from(text), true)).toBe(expected));

it('textJson leaves bytes that are not text', () =>
  expect(textJson(Buffer.from([0xff, 0x41]), true)).toBeNull());
