import { type Incompatibility, readerIncompatibilities } from './avro/compatibility.ts';
import type { AvroSchema } from './avro/schema.ts';

export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;
export type CompatibilityLevel = (typeof compatibilityLevels)[number];

export interface EarlierSchema {
  version: number;
  text: string;
  schema: AvroSchema;
}

/**
 * Why a new schema breaks the level, in the words of Confluent's Schema Registry; empty when it does not.
 * @param earlier oldest first; a level that isn't transitive looks at the last one only
 */
export function incompatibilities(
  level: CompatibilityLevel,
  schema: AvroSchema,
  earlier: readonly EarlierSchema[],
): string[] {
  const compared = level.endsWith('_TRANSITIVE') ? earlier.toReversed() : earlier.slice(-1);
  for (const old of compared) {
    const messages: string[] = [];
    if (/^(BACKWARD|FULL)/.test(level)) {
      messages.push(
        ...readerIncompatibilities(schema, old.schema).map((found) => describe(found, 'new', 'old')),
      );
    }
    if (/^(FORWARD|FULL)/.test(level)) {
      messages.push(
        ...readerIncompatibilities(old.schema, schema).map((found) => describe(found, 'old', 'new')),
      );
    }
    if (messages.length > 0) {
      messages.push(
        `{oldSchemaVersion: ${old.version}}`,
        `{oldSchema: '${old.text}'}`,
        `{validateFields: 'false', compatibility: '${level}'}`,
      );
      return messages;
    }
  }
  return [];
}

function describe({ type, location, message }: Incompatibility, reader: string, writer: string): string {
  return `{errorType:'${type}', description:'${descriptions[type](location, message, reader, writer)}', additionalInfo:'${message}'}`;
}

const descriptions: Record<
  Incompatibility['type'],
  (path: string, message: string, reader: string, writer: string) => string
> = {
  FIXED_SIZE_MISMATCH: (path, _, reader, writer) =>
    `The size of FIXED type field at path '${path}' in the ${reader} schema does not match with the ${writer} schema`,
  TYPE_MISMATCH: (path, _, reader, writer) =>
    `The type (path '${path}') of a field in the ${reader} schema does not match with the ${writer} schema`,
  NAME_MISMATCH: (path) => `The name of the schema has changed (path '${path}')`,
  MISSING_ENUM_SYMBOLS: (path, message, reader, writer) =>
    `The ${reader} schema is missing enum symbols '${message}' at path '${path}' in the ${writer} schema`,
  MISSING_UNION_BRANCH: (path, _, reader, writer) =>
    `The ${reader} schema is missing a type inside a union field at path '${path}' in the ${writer} schema`,
  READER_FIELD_MISSING_DEFAULT_VALUE: (path, message, reader, writer) =>
    `The field '${message}' at path '${path}' in the ${reader} schema has no default value and is missing in the ${writer} schema`,
};
