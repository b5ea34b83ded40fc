import type { AvroSchema, EnumSchema, Field, FixedSchema, NamedSchema, RecordSchema } from './schema.ts';

/** Types as in Avro's `SchemaCompatibility.SchemaIncompatibilityType`. */
export type IncompatibilityType =
  | 'NAME_MISMATCH'
  | 'FIXED_SIZE_MISMATCH'
  | 'MISSING_ENUM_SYMBOLS'
  | 'READER_FIELD_MISSING_DEFAULT_VALUE'
  | 'TYPE_MISMATCH'
  | 'MISSING_UNION_BRANCH';

export interface Incompatibility {
  type: IncompatibilityType;
  /** JSON pointer into the reader's schema, `/` for the whole of it. */
  location: string;
  message: string;
}

/** What a value of this kind can also be read as (Avro specification, schema resolution). */
const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** Why data of the writer's schema cannot be read with the reader's; empty when it can. Rules of Avro's SchemaCompatibility. */
export function readerIncompatibilities(reader: AvroSchema, writer: AvroSchema): Incompatibility[] {
  return new Checker().check(reader, writer, []);
}

class Checker {
  /** Pairs that were met already. A pair met again while it is looked at (recursion) counts as compatible. */
  readonly #seen = new Map<AvroSchema, Map<AvroSchema, Incompatibility[]>>();

  check(reader: AvroSchema, writer: AvroSchema, path: string[]): Incompatibility[] {
    // Only named types can recur, and primitives are objects of their own each time.
    if (!('fullName' in reader) || !('fullName' in writer)) return this.#compare(reader, writer, path);
    const results = this.#seen.get(reader) ?? new Map<AvroSchema, Incompatibility[]>();
    this.#seen.set(reader, results);
    const known = results.get(writer);
    if (known) return known;
    results.set(writer, []);
    const found = this.#compare(reader, writer, path);
    results.set(writer, found);
    return found;
  }

  #compare(reader: AvroSchema, writer: AvroSchema, path: string[]): Incompatibility[] {
    if (writer.kind === 'union') {
      return reader.kind === 'union'
        ? writer.branches.flatMap((branch, i) =>
            this.#someBranchReads(reader.branches, branch, [...path, String(i)]),
          )
        : writer.branches.flatMap((branch, i) => this.check(reader, branch, [...path, String(i)]));
    }
    if (reader.kind === 'union') return this.#someBranchReads(reader.branches, writer, path);
    if (reader.kind === 'array' && writer.kind === 'array')
      return this.check(reader.items, writer.items, [...path, 'items']);
    if (reader.kind === 'map' && writer.kind === 'map')
      return this.check(reader.values, writer.values, [...path, 'values']);
    if (reader.kind === 'record' && writer.kind === 'record') {
      return [...names(reader, writer, path), ...this.#fields(reader, writer, path)];
    }
    if (reader.kind === 'enum' && writer.kind === 'enum')
      return [...names(reader, writer, path), ...symbols(reader, writer, path)];
    if (reader.kind === 'fixed' && writer.kind === 'fixed')
      return [...names(reader, writer, path), ...size(reader, writer, path)];
    if (reader.kind === writer.kind || promotions[writer.kind]?.includes(reader.kind)) return [];
    const message = `reader type: ${reader.kind.toUpperCase()} not compatible with writer type: ${writer.kind.toUpperCase()}`;
    return [at('TYPE_MISMATCH', path, message)];
  }

  #someBranchReads(branches: readonly AvroSchema[], writer: AvroSchema, path: string[]): Incompatibility[] {
    if (branches.some((branch) => this.check(branch, writer, path).length === 0)) return [];
    return [
      at('MISSING_UNION_BRANCH', path, `reader union lacking writer type: ${writer.kind.toUpperCase()}`),
    ];
  }

  #fields(reader: RecordSchema, writer: RecordSchema, path: string[]): Incompatibility[] {
    return reader.fields.flatMap((field, i) => {
      const here = [...path, 'fields', String(i)];
      const written = writerField(writer, field);
      if (written) return this.check(field.type, written.type, [...here, 'type']);
      if (field.defaultValue !== undefined) return [];
      return [at('READER_FIELD_MISSING_DEFAULT_VALUE', here, field.name)];
    });
  }
}

function writerField(writer: RecordSchema, field: Field): Field | undefined {
  return (
    writer.fields.find(({ name }) => name === field.name) ??
    writer.fields.find(({ name }) => field.aliases.includes(name))
  );
}

/** Namespaces do not count (Avro 1.9 and later), unless the writer's full name is an alias of the reader. */
function names(reader: NamedSchema, writer: NamedSchema, path: string[]): Incompatibility[] {
  if (reader.name === writer.name || reader.aliases.includes(writer.fullName)) return [];
  return [at('NAME_MISMATCH', [...path, 'name'], `expected: ${writer.fullName}`)];
}

function symbols(reader: EnumSchema, writer: EnumSchema, path: string[]): Incompatibility[] {
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol)).sort();
  if (missing.length === 0 || reader.defaultSymbol !== undefined) return [];
  return [at('MISSING_ENUM_SYMBOLS', [...path, 'symbols'], `[${missing.join(', ')}]`)];
}

function size(reader: FixedSchema, writer: FixedSchema, path: string[]): Incompatibility[] {
  if (reader.size === writer.size) return [];
  return [at('FIXED_SIZE_MISMATCH', [...path, 'size'], `expected: ${writer.size}, found: ${reader.size}`)];
}

function at(type: IncompatibilityType, path: string[], message: string): Incompatibility {
  return { type, location: `/${path.join('/')}`, message };
}
