import { AvroSchemaError, parseAvro } from './avro/parse.ts';
import { normalizeAvro, printAvro } from './avro/print.ts';
import type { AvroSchema, NamedSchema } from './avro/schema.ts';
import { type Reference, type SchemaType, schemaTypes } from './log-records.ts';
import { errors, RegistryError } from './registry-error.ts';
import type { Content, SchemaStore } from './schema-store.ts';

/** A schema that was checked: the text that is stored and compared, and for Avro the tree. */
export interface CheckedContent extends Content {
  avro: AvroSchema | null;
}

/** Checks the body of a request that brings a schema. Throws 42201. */
export function checkContent(body: unknown, store: SchemaStore, normalize: boolean): CheckedContent {
  const { schema, schemaType, references } = requestOf(body);
  if (schemaType !== 'AVRO') {
    // Nothing of the two is understood here but that JSON Schema is JSON.
    if (schemaType === 'JSON') parseJsonSchema(schema);
    checkReferences(references, store);
    return { schema, schemaType, references, avro: null };
  }
  try {
    const names = referencedNames(references, store);
    const known = [...names.keys()];
    const avro = parseAvro(schema, names);
    return {
      schema: normalize ? normalizeAvro(avro, known) : printAvro(avro, known),
      schemaType,
      references,
      avro,
    };
  } catch (error) {
    if (!(error instanceof AvroSchemaError)) throw error;
    throw errors.invalidSchema(`Invalid schema of type AVRO, details: ${error.message}`);
  }
}

/** The tree of a schema that is stored already. */
export function storedAvro({ schema, references }: Content, store: SchemaStore): AvroSchema {
  return parseAvro(schema, referencedNames(references, store));
}

function requestOf(body: unknown): { schema: string; schemaType: SchemaType; references: Reference[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RegistryError(422, 'The body must be a JSON object with a schema');
  }
  const { schema, schemaType, references } = body as Record<string, unknown>;
  if (typeof schema !== 'string' || schema.trim() === '') throw errors.invalidSchema('Empty schema');
  const type = schemaType ?? 'AVRO';
  const known = schemaTypes.find((each) => each === type);
  if (!known)
    throw errors.invalidSchema(`Invalid schema type ${String(type)}; known are ${schemaTypes.join(', ')}`);
  const list = references ?? [];
  if (!Array.isArray(list) || !list.every(isReference)) {
    throw errors.invalidSchema('Invalid references: each needs a name, a subject and a version');
  }
  return {
    schema,
    schemaType: known,
    references: list.map(({ name, subject, version }) => ({ name, subject, version })),
  };
}

function isReference(value: unknown): value is Reference {
  if (typeof value !== 'object' || value === null) return false;
  const { name, subject, version } = value as Partial<Reference>;
  return typeof name === 'string' && typeof subject === 'string' && Number.isInteger(version);
}

function parseJsonSchema(schema: string): void {
  try {
    JSON.parse(schema);
  } catch (error) {
    throw errors.invalidSchema(
      `Invalid schema of type JSON, details: ${error instanceof Error ? error.message : error}`,
    );
  }
}

/** The versions that are referred to, each after those that it needs. */
function checkReferences(references: readonly Reference[], store: SchemaStore): Content[] {
  const found = new Map<string, Content>();
  const collect = (list: readonly Reference[]) => {
    for (const { name, subject, version } of list) {
      const key = JSON.stringify([subject, version]);
      if (found.has(key)) continue;
      const referred = store.version(subject, version);
      if (!referred) {
        throw errors.invalidSchema(
          `Invalid schema, details: no schema reference found for subject "${subject}" and version ${version}, name "${name}"`,
        );
      }
      collect(referred.references);
      found.set(key, referred);
    }
  };
  collect(references);
  return [...found.values()];
}

function referencedNames(references: readonly Reference[], store: SchemaStore): Map<string, NamedSchema> {
  const names = new Map<string, NamedSchema>();
  for (const { schema, schemaType } of checkReferences(references, store)) {
    if (schemaType !== 'AVRO')
      throw errors.invalidSchema(`Invalid schema, details: a reference is of type ${schemaType}`);
    parseAvro(schema, names);
  }
  return names;
}
