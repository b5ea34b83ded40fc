import { describe, expect, it } from 'vitest';
import {
  avroType,
  createWireEncoder,
  encodeWire,
  readWireId,
  toPlainJson,
  withWireId,
} from '../../../src/runtime/serde/index.ts';

const wire = (id: number, schema: unknown, value: unknown) =>
  encodeWire(id, avroType(JSON.stringify(schema)), value);

describe('wire format', () => {
  it('is a zero byte, the id as a big-endian int32, and the Avro value', () => {
    const schema = {
      type: 'record',
      name: 'R',
      fields: [
        { name: 's', type: 'string' },
        { name: 'n', type: 'long' },
        { name: 'd', type: 'double' },
        { name: 'u', type: ['null', 'string'], default: null },
      ],
    };
    const bytes = wire(0x01020304, schema, { s: 'ab', n: 8, d: 1, u: 'x' });
    expect(bytes.toString('hex')).toBe(
      ['00', '01020304', '04', '6162', '10', '000000000000f03f', '02', '0278'].join(''),
    );
    expect(readWireId(bytes)).toBe(0x01020304);
    expect(withWireId(bytes, 7).toString('hex')).toBe(`0000000007${bytes.toString('hex').slice(10)}`);
  });

  it('knows what is not in the wire format', () => {
    expect(readWireId(Buffer.from('01000000010203', 'hex'))).toBeNull();
    expect(readWireId(Buffer.from('00000001', 'hex'))).toBeNull();
    expect(readWireId(Buffer.alloc(0))).toBeNull();
  });

  it('encodes values longer than its scratch space, and short ones after them', () => {
    const type = avroType('"string"');
    const encode = createWireEncoder(9, type);
    for (const length of [3, 10_000, 1, 300_000, 250, 251, 252]) {
      const text = 'ö'.repeat(length);
      expect(encode(text)).toEqual(encodeWire(9, type, text));
      expect(type.fromBuffer(encode(text).subarray(5))).toBe(text);
    }
  });
});

describe('long', () => {
  const type = avroType('"long"');
  const exact: [number | bigint, string][] = [
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-64, '7f'],
    [64, '8001'],
    [2 ** 52, '80808080808080' + '10'],
    [Number.MAX_SAFE_INTEGER, 'feffffffffffff1f'],
    [Number.MIN_SAFE_INTEGER, 'fdffffffffffff1f'],
    [2n ** 53n, '80808080808080' + '20'],
    [2n ** 63n - 1n, 'feffffffffffffffff01'],
    [-(2n ** 63n), 'ffffffffffffffffff01'],
  ];
  it.each(exact)('%s is exact', (value, hex) => {
    expect(type.toBuffer(value).toString('hex')).toBe(hex);
    expect(type.fromBuffer(Buffer.from(hex, 'hex'))).toBe(value);
  });

  it('takes what it can hold and nothing else', () => {
    expect(type.toBuffer(5n).toString('hex')).toBe('0a');
    for (const value of [2 ** 53, 1.5, Number.NaN, 2n ** 63n, '5', null, undefined]) {
      expect(() => type.toBuffer(value), String(value)).toThrow();
    }
  });

  it('is exact in unions, arrays, logical types and defaults', () => {
    const big = 2n ** 60n + 1n;
    const record = avroType(
      JSON.stringify({
        type: 'record',
        name: 'R',
        fields: [
          { name: 'a', type: ['null', 'long'], default: null },
          { name: 'b', type: { type: 'array', items: 'long' }, default: [] },
          { name: 'c', type: { type: 'long', logicalType: 'timestamp-millis' }, default: 7 },
          { name: 'd', type: ['int', 'long'], default: 1 },
          { name: 'e', type: 'long', default: 'MAX' },
        ],
      }).replace('"MAX"', '9223372036854775807'),
    );
    const value = { a: big, b: [1, big], c: -big, d: { long: big } };
    expect({ ...record.fromBuffer(record.toBuffer(value)) }).toMatchObject(value);
    expect(toPlainJson(record.fromBuffer(record.toBuffer({})))).toEqual({
      a: null,
      b: [],
      c: 7,
      d: { int: 1 },
      e: '9223372036854775807',
    });
    expect(JSON.stringify(avroType('["null","long"]').schema())).toBe('["null","long"]');
  });

  it('is promoted from int, and to double, when an older value is read', () => {
    expect(type.fromBuffer(avroType('"int"').toBuffer(-5), type.createResolver(avroType('"int"')))).toBe(-5);
    const double = avroType('"double"');
    expect(double.fromBuffer(type.toBuffer(12), double.createResolver(type))).toBe(12);
  });
});

describe('avroType', () => {
  it('leaves logical types as what is beneath them', () => {
    const fields = [
      { name: 'ms', type: { type: 'long', logicalType: 'timestamp-millis' } },
      { name: 'us', type: { type: 'long', logicalType: 'timestamp-micros' } },
      { name: 'day', type: { type: 'int', logicalType: 'date' } },
      { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
      { name: 'money', type: { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 } },
    ];
    const type = avroType(JSON.stringify({ type: 'record', name: 'L', fields }));
    const value = { ms: 1, us: 2, day: 3, id: 'x', money: Buffer.from([4]) };
    expect({ ...type.fromBuffer(type.toBuffer(value)) }).toEqual(value);
  });

  it('resolves names through references, also from one reference to the next', () => {
    const unit = '{"type":"enum","name":"a.Unit","symbols":["C","F"]}';
    const point =
      '{"type":"record","name":"a.Point","fields":[{"name":"unit","type":"Unit"},{"name":"t","type":"long"}]}';
    const series =
      '{"type":"record","name":"b.Series","fields":[{"name":"points","type":{"type":"array","items":"a.Point"}}]}';
    const type = avroType(series, [unit, point]);
    const value = { points: [{ unit: 'F', t: 2n ** 62n }] };
    expect(toPlainJson(type.fromBuffer(type.toBuffer(value)))).toEqual({
      points: [{ unit: 'F', t: (2n ** 62n).toString() }],
    });
    expect(() => avroType(series)).toThrow(/a\.Point/);
  });

  it('names the branch where two look alike', () => {
    const type = avroType('["null","double","long"]');
    expect(toPlainJson(type.fromBuffer(type.toBuffer({ long: 3 })))).toEqual({ long: 3 });
    expect(type.fromBuffer(type.toBuffer(null))).toBeNull();
  });
});

describe('toPlainJson', () => {
  it('loses nothing that JSON cannot say', () => {
    const value = {
      b: Buffer.from([0, 255]),
      l: 2n ** 53n,
      n: [Number.NaN, -Infinity, 1.5],
      m: { k: null },
      t: true,
    };
    expect(toPlainJson(value)).toEqual({
      b: 'AP8=',
      l: '9007199254740992',
      n: ['NaN', '-Infinity', 1.5],
      m: { k: null },
      t: true,
    });
  });
});
