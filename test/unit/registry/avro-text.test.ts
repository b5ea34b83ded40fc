import { describe, expect, it } from 'vitest';
import { parseAvro } from '../../../src/runtime/registry/avro/parse.ts';
import { normalizeAvro, printAvro } from '../../../src/runtime/registry/avro/print.ts';
import { avroType, thesisRecords, thesisSchema } from '../../../src/runtime/serde/index.ts';

const print = (text: string) => printAvro(parseAvro(text));

describe("Avro's text of a schema", () => {
  it.each([
    ['{"type":"int"}', '"int"'],
    ['{"logicalType":"date","type":"int"}', '{"type":"int","logicalType":"date"}'],
    ['{"x":1,"items":{"type":"long"},"type":"array"}', '{"type":"array","items":"long","x":1}'],
    ['["null",{"type":"map","values":"int"}]', '["null",{"type":"map","values":"int"}]'],
    [
      '{"symbols":["A"],"default":"A","doc":"d","name":"n.E","type":"enum"}',
      '{"type":"enum","name":"E","namespace":"n","doc":"d","symbols":["A"],"default":"A"}',
    ],
    [
      '{"size":4,"aliases":["G","m.H"],"name":"F","namespace":"n","type":"fixed"}',
      '{"type":"fixed","name":"F","namespace":"n","size":4,"aliases":["G","m.H"]}',
    ],
    [
      '{"type":"record","name":"a.R","fields":[{"type":{"type":"enum","name":"E","symbols":["X"]},"name":"e","order":"ignore"},{"name":"r","type":["null","a.R","E"],"default":null}]}',
      '{"type":"record","name":"R","namespace":"a","fields":[{"name":"e","type":{"type":"enum","name":"E","symbols":["X"]},"order":"ignore"},{"name":"r","type":["null","R","E"],"default":null}]}',
    ],
    [
      '{"type":"record","name":"R","namespace":"a","fields":[{"name":"x","type":{"type":"fixed","name":"b.F","size":1}},{"name":"y","type":"b.F"},{"name":"z","type":{"type":"fixed","name":"G","namespace":"","size":1}}]}',
      '{"type":"record","name":"R","namespace":"a","fields":[{"name":"x","type":{"type":"fixed","name":"F","namespace":"b","size":1}},{"name":"y","type":"b.F"},{"name":"z","type":{"type":"fixed","name":"G","namespace":"","size":1}}]}',
    ],
    // Numbers stay as they were written, whatever JavaScript makes of them.
    [
      '{"type":"record","name":"R","fields":[{"name":"d","type":"double","default":1.0},{"name":"l","type":"long","default":9223372036854775807}]}',
      '{"type":"record","name":"R","fields":[{"name":"d","type":"double","default":1.0},{"name":"l","type":"long","default":9223372036854775807}]}',
    ],
  ])('of %s', (text, expected) => {
    expect(print(text)).toBe(expected);
    expect(print(expected)).toBe(expected);
    // For an implementation of its own it is the same schema.
    expect(avroType(expected).fingerprint()).toEqual(avroType(text).fingerprint());
  });

  it.each(thesisRecords)('of %s is the text that we register', (record) => {
    expect(print(thesisSchema(record))).toBe(thesisSchema(record));
  });

  it('is one for all spellings when normalized', () => {
    const one = parseAvro(
      '{"type":"record","name":"n.R","aliases":["b","a"],"fields":[{"name":"f","type":{"type":"int","b":1,"a":2}}]}',
    );
    const two = parseAvro(
      '{"aliases":["n.a","n.b"],"name":"R","namespace":"n","fields":[{"type":{"a":2,"b":1,"type":"int"},"order":"ascending","name":"f"}],"type":"record"}',
    );
    expect(normalizeAvro(one)).toBe(normalizeAvro(two));
    expect(print(normalizeAvro(one))).not.toBe(normalizeAvro(one));
  });
});

describe('a schema that Avro refuses', () => {
  const fields = (...list: object[]) => JSON.stringify({ type: 'record', name: 'R', fields: list });
  it.each([
    ['nothing', /not JSON/],
    ['null', /not a schema/],
    ['{"type":null}', /no type/],
    ['"Unknown"', /"Unknown" is not a defined name/],
    ['{"type":"array"}', /no items/],
    ['{"type":"map"}', /no values/],
    ['{"type":"record","name":"R"}', /no fields/],
    ['{"type":"record","fields":[]}', /no name/],
    ['{"type":"record","name":"1R","fields":[]}', /illegal name: "1R"/],
    ['{"type":"record","name":"R","namespace":"a-b","fields":[]}', /illegal name: "a-b"/],
    ['{"type":"fixed","name":"int","size":1}', /named after primitives/],
    ['{"type":"fixed","name":"F"}', /size/],
    ['{"type":"fixed","name":"F","size":-1}', /size/],
    ['{"type":"enum","name":"E"}', /no symbols/],
    ['{"type":"enum","name":"E","symbols":["A","A"]}', /duplicate enum symbol: A/],
    ['{"type":"enum","name":"E","symbols":["A-B"]}', /illegal name: "A-B"/],
    ['{"type":"enum","name":"E","symbols":["A"],"default":"B"}', /enum default "B"/],
    ['["int","int"]', /duplicate in union: int/],
    ['["int",["null"]]', /nested union/],
    [fields({ name: 'a', type: 'int' }, { name: 'a', type: 'int' }), /duplicate field a/],
    [fields({ name: 'a' }), /field a of R has no type/],
    [fields({ name: 'a', type: 'R2' }), /"R2" is not a defined name/],
    [fields({ name: 'a', type: 'int', default: 'x' }), /invalid default for field a: "x" is not a int/],
    [fields({ name: 'a', type: 'int', default: 2 ** 31 }), /invalid default/],
    [fields({ name: 'a', type: 'int', default: 1.5 }), /invalid default/],
    [fields({ name: 'a', type: { type: 'array', items: 'string' }, default: [1] }), /invalid default/],
    [fields({ name: 'a', type: 'int', order: 'upward' }), /invalid order "upward"/],
    [
      fields(
        { name: 'a', type: { type: 'fixed', name: 'F', size: 1 } },
        { name: 'b', type: { type: 'fixed', name: 'F', size: 1 } },
      ),
      /can't redefine: F/,
    ],
  ])('%s', (text, message) => {
    expect(() => parseAvro(text)).toThrow(message);
  });
});
