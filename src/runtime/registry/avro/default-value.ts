import type { AvroSchema } from './schema.ts';

const intMax = 2 ** 31 - 1;
const longMax = 2n ** 63n - 1n;

/** The number, also when it was kept in the words of the schema's text; undefined when it is none. */
export function numberOf(json: unknown): number | undefined {
  const written = numberText(json);
  return written === undefined ? undefined : Number(written);
}

/** What the default should have been; undefined when it fits. A union's default is one of its first branch (Avro 1.12: of any). */
export function invalidDefault(type: AvroSchema, json: unknown): string | undefined {
  return fits(type, json) ? undefined : nameOf(type);
}

function fits(type: AvroSchema, json: unknown): boolean {
  switch (type.kind) {
    case 'null':
      return json === null;
    case 'boolean':
      return typeof json === 'boolean';
    case 'int': {
      const integer = integerOf(json);
      return integer !== undefined && integer >= -intMax - 1 && integer <= intMax;
    }
    case 'long': {
      const integer = integerOf(json);
      return integer !== undefined && integer >= -longMax - 1n && integer <= longMax;
    }
    case 'float':
    case 'double':
      return numberText(json) !== undefined;
    case 'string':
    case 'bytes':
    case 'fixed':
      return typeof json === 'string';
    case 'enum':
      return typeof json === 'string' && type.symbols.includes(json);
    case 'array':
      return Array.isArray(json) && json.every((item) => fits(type.items, item));
    case 'map':
      return isPlainObject(json) && Object.values(json).every((value) => fits(type.values, value));
    case 'union':
      return type.branches.some((branch) => fits(branch, json));
    case 'record':
      return (
        isPlainObject(json) &&
        type.fields.every((field) =>
          field.name in json ? fits(field.type, json[field.name]) : field.defaultValue !== undefined,
        )
      );
  }
}

function nameOf(type: AvroSchema): string {
  if (type.kind === 'union') return `value of [${type.branches.map(nameOf).join(', ')}]`;
  return 'fullName' in type ? `${type.kind} ${type.fullName}` : type.kind;
}

function integerOf(json: unknown): bigint | undefined {
  const text = numberText(json);
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

function numberText(json: unknown): string | undefined {
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json).toString() : String(json);
  const { isRawJSON } = JSON as unknown as { isRawJSON(value: unknown): value is { rawJSON: string } };
  return isRawJSON(json) ? json.rawJSON : undefined;
}

function isPlainObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json) && numberText(json) === undefined;
}
