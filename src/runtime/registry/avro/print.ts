import type { AvroSchema, Field, NamedSchema, Properties } from './schema.ts';

type Json = Record<string, unknown>;

/**
 * The text as Avro's Java library prints a schema (`Schema.toString()`): no white space, attributes in its order, names
 * as short as they can be. Two texts that differ only in that are one schema to the registry.
 * @param known full names of types from references, which are only named
 */
export function printAvro(schema: AvroSchema, known: Iterable<string> = []): string {
  return JSON.stringify(new Printer(false, known).schema(schema, null));
}

/**
 * The text that all ways to write a schema have in common: names in full, further attributes and aliases sorted,
 * what is the default anyway left out.
 */
export function normalizeAvro(schema: AvroSchema, known: Iterable<string> = []): string {
  return JSON.stringify(new Printer(true, known).schema(schema, null));
}

class Printer {
  readonly #normalize: boolean;
  readonly #printed: Set<string>;

  constructor(normalize: boolean, known: Iterable<string>) {
    this.#normalize = normalize;
    this.#printed = new Set(known);
  }

  schema(schema: AvroSchema, space: string | null): unknown {
    switch (schema.kind) {
      case 'union':
        return schema.branches.map((branch) => this.schema(branch, space));
      case 'array':
        return {
          type: 'array',
          items: this.schema(schema.items, space),
          ...this.#properties(schema.properties),
        };
      case 'map':
        return {
          type: 'map',
          values: this.schema(schema.values, space),
          ...this.#properties(schema.properties),
        };
      case 'record':
      case 'enum':
      case 'fixed':
        return this.#printed.has(schema.fullName) ? this.#nameOf(schema, space) : this.#named(schema, space);
      default: {
        const properties = this.#properties(schema.properties);
        return Object.keys(properties).length === 0 ? schema.kind : { type: schema.kind, ...properties };
      }
    }
  }

  #named(schema: NamedSchema, space: string | null): Json {
    this.#printed.add(schema.fullName);
    const json: Json = { type: schema.kind === 'record' && schema.isError ? 'error' : schema.kind };
    if (this.#normalize) json.name = schema.fullName;
    else {
      json.name = schema.name;
      if (schema.namespace !== space) json.namespace = schema.namespace ?? '';
    }
    if (schema.doc !== undefined && !(this.#normalize && schema.doc === '')) json.doc = schema.doc;
    if (schema.kind === 'record') {
      json.fields = schema.fields.map((field) => this.#field(field, schema.namespace));
    } else if (schema.kind === 'enum') {
      json.symbols = schema.symbols;
      if (schema.defaultSymbol !== undefined) json.default = schema.defaultSymbol;
    } else json.size = schema.size;
    Object.assign(json, this.#properties(schema.properties));
    const short = (alias: string) =>
      schema.namespace !== null &&
      alias.startsWith(`${schema.namespace}.`) &&
      !alias.slice(schema.namespace.length + 1).includes('.')
        ? alias.slice(schema.namespace.length + 1)
        : alias;
    if (schema.aliases.length > 0) {
      json.aliases = this.#normalize ? schema.aliases.toSorted() : schema.aliases.map(short);
    }
    return json;
  }

  #field(field: Field, space: string | null): Json {
    const json: Json = { name: field.name, type: this.schema(field.type, space) };
    if (field.doc !== undefined && !(this.#normalize && field.doc === '')) json.doc = field.doc;
    if (field.defaultValue !== undefined) json.default = field.defaultValue;
    if (field.order !== 'ascending') json.order = field.order;
    if (field.aliases.length > 0) json.aliases = this.#normalize ? field.aliases.toSorted() : field.aliases;
    return Object.assign(json, this.#properties(field.properties));
  }

  #nameOf(schema: NamedSchema, space: string | null): string {
    return this.#normalize || schema.namespace !== space ? schema.fullName : schema.name;
  }

  #properties(properties: Properties): Properties {
    if (!this.#normalize) return properties;
    return Object.fromEntries(Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  }
}
