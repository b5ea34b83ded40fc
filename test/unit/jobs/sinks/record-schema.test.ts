import { describe, expect, it } from 'vitest';
import { columnType } from '../../../../src/runtime/jobs/sinks/duckdb/column-types.ts';
import { recordSchema } from '../../../../src/runtime/jobs/sinks/record-schema.ts';
import { columnName, tableName } from '../../../../src/runtime/jobs/sinks/table-names.ts';
import { thesisSchema } from '../../../../src/runtime/serde/index.ts';

const columns = (schema: object | string, references: string[] = []) =>
  Object.fromEntries(
    recordSchema(typeof schema === 'string' ? schema : JSON.stringify(schema), references).fields.map(
      ({ name, kind }) => [name, columnType(kind).sql],
    ),
  );
const record = (...fields: object[]) => ({ type: 'record', name: 'R', namespace: 'n', fields });

describe('columns of a schema', () => {
  it('are the thesis’s for its records', () => {
    expect(columns(thesisSchema('TemperatureData'))).toEqual({
      sensor_id: 'VARCHAR',
      timestamp: 'BIGINT',
      temperature: 'DOUBLE',
      unit: 'VARCHAR',
    });
  });

  it.each([
    ['boolean', 'BOOLEAN'],
    ['int', 'INTEGER'],
    ['long', 'BIGINT'],
    ['float', 'DOUBLE'],
    ['bytes', 'BLOB'],
    [['null', 'string'], 'VARCHAR'],
    [['int', 'null'], 'INTEGER'],
    [['null', 'int', 'string'], 'JSON'],
    [{ type: 'array', items: 'int' }, 'JSON'],
    [{ type: 'map', values: 'int' }, 'JSON'],
    [{ type: 'fixed', name: 'F', size: 4 }, 'BLOB'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 'TIMESTAMP'],
    [['null', { type: 'long', logicalType: 'timestamp-micros' }], 'TIMESTAMP'],
    [{ type: 'int', logicalType: 'date' }, 'DATE'],
    [{ type: 'int', logicalType: 'time-millis' }, 'TIME'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, 'DECIMAL(18,2)'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 30, scale: 2 }, 'VARCHAR'],
    [{ type: 'string', logicalType: 'timestamp-millis' }, 'VARCHAR'],
  ])('%j becomes %s', (type, sql) => {
    expect(columns(record({ name: 'f', type }))).toEqual({ f: sql });
  });

  it('know types by the names they were given before', () => {
    const unit = { type: 'enum', name: 'Unit', symbols: ['C'] };
    const schema = record(
      { name: 'a', type: unit },
      { name: 'b', type: 'Unit' },
      { name: 'c', type: ['null', 'n.Unit'] },
      { name: 'd', type: 'other.Shared' },
    );
    const shared = JSON.stringify({ type: 'enum', name: 'other.Shared', symbols: ['X'] });
    expect(columns(schema, [shared])).toEqual({ a: 'VARCHAR', b: 'VARCHAR', c: 'VARCHAR', d: 'VARCHAR' });
  });

  it('are one, for a schema that is no record', () => {
    expect(columns('"string"')).toEqual({ value: 'VARCHAR' });
  });
});

describe('names', () => {
  it('of tables have nothing but letters, digits and _', () => {
    expect(tableName('temperature-data', new Set())).toBe('temperature_data');
    expect(tableName('a.b"c', new Set())).toBe('a_b_c');
    expect(tableName('A-b', new Set(['a_b', 'a_b_2']))).toBe('A_b_3');
  });

  it('of columns give way to those that are there', () => {
    expect(columnName('Site', new Set(['site']))).toBe('Site_');
    expect(columnName('site', new Set(['site', 'site_']))).toBe('site__');
  });
});
