import { invalidDefault, numberOf } from './default-value.ts';
import {
  type AvroSchema,
  type EnumSchema,
  type Field,
  type FixedSchema,
  type NamedSchema,
  type Primitive,
  type Properties,
  primitives,
  qualify,
  type RecordSchema,
} from './schema.ts';

/** What is wrong with a schema, in one line. */
export class AvroSchemaError extends Error {}

type Json = Record<string, unknown>;

const namePattern = /^[A-Za-z_][A-Za-z0-9_]*$/;
const schemaAttributes = [
  'doc',
  'fields',
  'items',
  'name',
  'namespace',
  'size',
  'symbols',
  'values',
  'type',
  'aliases',
];
const fieldAttributes = ['default', 'doc', 'name', 'order', 'type', 'aliases'];

/**
 * Parses a schema as Avro's Java library does, defaults checked. `names` are the types that it may refer to; those it
 * defines are added.
 */
export function parseAvro(text: string, names: Map<string, NamedSchema> = new Map()): AvroSchema {
  let json: unknown;
  try {
    json = parseExactly(text);
  } catch (error) {
    throw new AvroSchemaError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  return new Parser(names).schema(json, null);
}

/** A number that JavaScript would print otherwise (1.0, 2^60) stays as it was written. */
function parseExactly(text: string): unknown {
  const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown };
  const revive = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && context?.source !== undefined && String(value) !== context.source
      ? rawJSON(context.source)
      : value;
  return JSON.parse(text, revive as (key: string, value: unknown) => unknown);
}

class Parser {
  readonly #names: Map<string, NamedSchema>;

  constructor(names: Map<string, NamedSchema>) {
    this.#names = names;
  }

  schema(json: unknown, namespace: string | null): AvroSchema {
    if (typeof json === 'string') return this.#byName(json, namespace);
    if (Array.isArray(json)) return this.#union(json, namespace);
    if (!isObject(json)) throw new AvroSchemaError(`not a schema: ${show(json)}`);
    const { type } = json;
    if (typeof type !== 'string') throw new AvroSchemaError(`no type: ${show(json)}`);
    switch (type) {
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#named(type, json, namespace);
      case 'array': {
        if (!('items' in json)) throw new AvroSchemaError(`array has no items type: ${show(json)}`);
        const items = this.schema(json.items, namespace);
        return { kind: 'array', items, properties: rest(json, schemaAttributes) };
      }
      case 'map': {
        if (!('values' in json)) throw new AvroSchemaError(`map has no values type: ${show(json)}`);
        const values = this.schema(json.values, namespace);
        return { kind: 'map', values, properties: rest(json, schemaAttributes) };
      }
      default:
        return isPrimitive(type)
          ? { kind: type, properties: rest(json, schemaAttributes) }
          : this.#byName(type, namespace);
    }
  }

  #byName(name: string, namespace: string | null): AvroSchema {
    if (isPrimitive(name)) return { kind: name, properties: {} };
    const known = this.#names.get(qualify(name, namespace)) ?? this.#names.get(name);
    if (!known) throw new AvroSchemaError(`"${name}" is not a defined name`);
    return known;
  }

  #union(json: unknown[], namespace: string | null): AvroSchema {
    const branches = json.map((branch) => this.schema(branch, namespace));
    const seen = new Set<string>();
    for (const branch of branches) {
      if (branch.kind === 'union') throw new AvroSchemaError(`nested union: ${show(json)}`);
      const key = 'fullName' in branch ? branch.fullName : branch.kind;
      if (seen.has(key)) throw new AvroSchemaError(`duplicate in union: ${key}`);
      seen.add(key);
    }
    return { kind: 'union', branches };
  }

  #named(kind: 'record' | 'error' | 'enum' | 'fixed', json: Json, outer: string | null): NamedSchema {
    const written = requireString(json, 'name', kind);
    const dot = written.lastIndexOf('.');
    const own =
      dot >= 0 ? written.slice(0, dot) : typeof json.namespace === 'string' ? json.namespace : outer;
    const namespace = own === '' ? null : own;
    const name = written.slice(dot + 1);
    for (const part of [name, ...(namespace?.split('.') ?? [])]) checkName(part);
    const fullName = qualify(name, namespace);
    if (isPrimitive(fullName))
      throw new AvroSchemaError(`schemas may not be named after primitives: ${fullName}`);
    const common = {
      name,
      namespace,
      fullName,
      doc: typeof json.doc === 'string' ? json.doc : undefined,
      aliases: aliasesOf(json).map((alias) => qualify(alias, namespace)),
    };
    const define = <S extends NamedSchema>(schema: S): S => {
      if (this.#names.has(fullName)) throw new AvroSchemaError(`can't redefine: ${fullName}`);
      this.#names.set(fullName, schema);
      return schema;
    };
    if (kind === 'enum') return define(this.#enum(json, common));
    if (kind === 'fixed') {
      const size = numberOf(json.size);
      if (size === undefined || !Number.isInteger(size) || size < 0) {
        throw new AvroSchemaError(`invalid or no size: ${show(json)}`);
      }
      return define<FixedSchema>({ kind, ...common, size, properties: rest(json, schemaAttributes) });
    }
    const record = define<RecordSchema>({
      kind: 'record',
      isError: kind === 'error',
      ...common,
      fields: [],
      properties: rest(json, schemaAttributes),
    });
    if (!Array.isArray(json.fields)) throw new AvroSchemaError(`record has no fields: ${show(json)}`);
    const seen = new Set<string>();
    for (const field of json.fields as unknown[]) {
      const parsed = this.#field(field, namespace, fullName);
      if (seen.has(parsed.name))
        throw new AvroSchemaError(`duplicate field ${parsed.name} in record ${fullName}`);
      seen.add(parsed.name);
      record.fields.push(parsed);
    }
    return record;
  }

  #enum(
    json: Json,
    common: Omit<EnumSchema, 'kind' | 'symbols' | 'defaultSymbol' | 'properties'>,
  ): EnumSchema {
    const { symbols, default: defaultSymbol } = json;
    if (!Array.isArray(symbols) || symbols.some((symbol) => typeof symbol !== 'string')) {
      throw new AvroSchemaError(`enum has no symbols: ${show(json)}`);
    }
    for (const symbol of symbols as string[]) checkName(symbol);
    const repeated = symbols.find((symbol, at) => symbols.indexOf(symbol) !== at);
    if (repeated !== undefined) throw new AvroSchemaError(`duplicate enum symbol: ${repeated}`);
    if (defaultSymbol !== undefined && !symbols.includes(defaultSymbol)) {
      throw new AvroSchemaError(`the enum default ${show(defaultSymbol)} is not in the enum symbol set`);
    }
    return {
      kind: 'enum',
      ...common,
      symbols: symbols as string[],
      defaultSymbol: defaultSymbol as string | undefined,
      properties: rest(json, [...schemaAttributes, 'default']),
    };
  }

  #field(json: unknown, namespace: string | null, record: string): Field {
    if (!isObject(json)) throw new AvroSchemaError(`not a field of ${record}: ${show(json)}`);
    const name = requireString(json, 'name', 'field');
    checkName(name);
    if (!('type' in json)) throw new AvroSchemaError(`field ${name} of ${record} has no type`);
    const type = this.schema(json.type, namespace);
    const order = json.order === undefined ? 'ascending' : String(json.order).toLowerCase();
    if (order !== 'ascending' && order !== 'descending' && order !== 'ignore') {
      throw new AvroSchemaError(`invalid order ${show(json.order)} of field ${name}`);
    }
    const problem = 'default' in json && invalidDefault(type, json.default);
    if (problem)
      throw new AvroSchemaError(
        `invalid default for field ${name}: ${show(json.default)} is not a ${problem}`,
      );
    return {
      name,
      type,
      doc: typeof json.doc === 'string' ? json.doc : undefined,
      aliases: aliasesOf(json),
      order,
      defaultValue: json.default,
      properties: rest(json, fieldAttributes),
    };
  }
}

function isPrimitive(name: string): name is Primitive {
  return (primitives as readonly string[]).includes(name);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checkName(name: string): void {
  if (!namePattern.test(name)) throw new AvroSchemaError(`illegal name: ${show(name)}`);
}

function requireString(json: Json, attribute: string, of: string): string {
  const value = json[attribute];
  if (typeof value !== 'string') throw new AvroSchemaError(`no ${attribute} in ${of}: ${show(json)}`);
  return value;
}

function aliasesOf(json: Json): string[] {
  const { aliases } = json;
  if (aliases === undefined) return [];
  if (!Array.isArray(aliases) || aliases.some((alias) => typeof alias !== 'string')) {
    throw new AvroSchemaError(`aliases are not an array of strings: ${show(json)}`);
  }
  return aliases as string[];
}

function rest(json: Json, known: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(json).filter(([key]) => !known.includes(key)));
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
