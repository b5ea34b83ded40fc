import avro, { type Type } from 'avsc';
import { createExactLong } from './exact-long.ts';
import { wireHeaderBytes, writeWireHeader } from './wire.ts';

export type AvroType = Type;

type AvroSchemaJson = Parameters<typeof Type.forSchema>[0];

/**
 * The type that reads and writes values of a schema.
 *
 * Values: a record is an object, a `long` a number up to 2^53 − 1 and a bigint beyond, `bytes` and `fixed` are
 * Buffers. A logical type is left as the type beneath it (timestamp-millis: ms as a number, date: days as a number,
 * uuid: a string, decimal: the unscaled two's complement as a Buffer): the schema tells what it means. A union's value
 * is the bare value; only where two branches look alike in JavaScript (`["int", "double"]`, two records) it is an object
 * with the branch's name as its only key, as in Avro's JSON encoding.
 *
 * @param schemaText JSON
 * @param references texts of the schemas it refers to by name, each after those it needs itself
 * @throws Error that says what is wrong with the schema
 */
export function avroType(schemaText: string, references: readonly string[] = []): AvroType {
  const long = createExactLong();
  const options = {
    registry: {},
    omitRecordMethods: true,
    typeHook(schema: unknown, hookOptions: object): Type | undefined {
      if (schema === 'long' || (isObject(schema) && schema.type === 'long')) return long;
      // avsc takes our long for unlike any other number; beside one, only the branch's name can tell them apart.
      if (Array.isArray(schema) && schema.filter(isNumberSchema).length > 1) {
        return new avro.types.WrappedUnionType(schema, hookOptions);
      }
      return undefined;
    },
  };
  for (const text of references) avro.Type.forSchema(parseSchema(text), options);
  return avro.Type.forSchema(parseSchema(schemaText), options);
}

/** One value in Confluent's wire format. For many values of one schema see `createWireEncoder`. */
export function encodeWire(id: number, type: AvroType, value: unknown): Buffer {
  const body: Buffer = type.toBuffer(value);
  const bytes = Buffer.allocUnsafe(wireHeaderBytes + body.length);
  writeWireHeader(bytes, id);
  bytes.set(body, wireHeaderBytes);
  return bytes;
}

/** Encodes values of one schema; faster than `encodeWire` because the scratch space is kept. */
export function createWireEncoder(id: number, type: AvroType): (value: unknown) => Buffer {
  let scratch = Buffer.allocUnsafeSlow(256);
  writeWireHeader(scratch, id);
  return (value) => {
    let end = type.encode(value, scratch, wireHeaderBytes);
    if (end < 0) {
      // avsc answers minus the number of bytes that are missing.
      scratch = Buffer.allocUnsafeSlow(2 * (scratch.length - end));
      writeWireHeader(scratch, id);
      end = type.encode(value, scratch, wireHeaderBytes);
    }
    return Buffer.from(scratch.subarray(0, end));
  };
}

/** The default of a `long` may be beyond 2^53; our long takes it as a string. */
function parseSchema(text: string): AvroSchemaJson {
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? context!.source
      : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

function isNumberSchema(schema: unknown): boolean {
  const name = isObject(schema) ? schema.type : schema;
  return name === 'int' || name === 'long' || name === 'float' || name === 'double';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
