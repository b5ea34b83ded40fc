import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import { avroType } from './avro.ts';

/** A schema as JSON, as far as types go. */
interface Named {
  type: string;
  name: string;
  namespace?: string;
  doc?: string;
}
interface RecordSchema extends Named {
  type: 'record' | 'error';
  fields: { name: string; type: Schema; doc?: string }[];
}
interface EnumSchema extends Named {
  type: 'enum';
  symbols: string[];
}
type Schema =
  | string
  | Schema[]
  | RecordSchema
  | EnumSchema
  | (Named & { type: 'fixed' })
  | { type: 'array'; items: Schema }
  | { type: 'map'; values: Schema }
  | { type: Schema };

const primitives: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Uint8Array',
  string: 'string',
};
/** Types whose values look alike in JavaScript. */
const looks: Readonly<Record<string, string>> = {
  ...{ int: 'number', long: 'number', float: 'number', double: 'number' },
  ...{ enum: 'string', fixed: 'bytes', record: 'map', error: 'map' },
};

/**
 * TypeScript for Avro schemas: an interface for each record, a union of texts for each enum, and `<record>Schema`, the
 * schema's text, for each file. Values look as `avroSerdes` gives and takes them; a `long` is a `number` here, which it is
 * up to 2^53 − 1.
 *
 * @param schemas JSON texts by the name that an error tells
 * @throws DdsError DDS_INPUT_INVALID for what is no Avro schema, or for two types of one name that differ
 */
export function avroTypes(schemas: ReadonlyMap<string, string>): string {
  const declared = new Map<string, string>();
  const texts: string[] = [];
  for (const [file, text] of schemas) {
    const schema = parse(file, text);
    const writer = new Writer(file, declared);
    writer.typeOf(schema);
    if (isNamed(schema)) {
      const name = lastName(schema.name);
      const constant = `${name[0]!.toLowerCase()}${name.slice(1)}Schema`;
      texts.push(
        `/** The schema of \`${name}\` as it gets registered. */\nexport const ${constant} = ${quoted(JSON.stringify(schema))};\n`,
      );
    }
  }
  return [...declared.values(), ...texts].join('\n');
}

export interface UpdateTypesOptions {
  /** Directory of the `.avsc` files. */
  schemas: string;
  /** The TypeScript file. */
  out: string;
  /** Only look: throws DDS_CHECK_FAILED when the file is not what it would be. */
  check?: boolean;
}

/** Writes the types of a directory of schemas to one file, or checks that they are current. */
export async function updateTypes({ schemas, out, check = false }: UpdateTypesOptions): Promise<void> {
  const names = (await readdir(schemas)).filter((name) => name.endsWith('.avsc')).sort();
  const files = new Map<string, string>();
  for (const name of names) files.set(join(schemas, name), await readFile(join(schemas, name), 'utf8'));
  const text = `// Made from ${schemas}/*.avsc; edit those, and make it anew.\n\n${avroTypes(files)}`;
  if (!check) return writeFile(out, text);
  const found = await readFile(out, 'utf8').catch(() => '');
  if (found === text) return;
  throw new DdsError('DDS_CHECK_FAILED', `${out} is not what ${schemas}/*.avsc says`, {
    hint: 'Make it anew, and commit it.',
    details: { file: out },
  });
}

function parse(file: string, text: string): Schema {
  try {
    avroType(text);
    return JSON.parse(text) as Schema;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new DdsError('DDS_INPUT_INVALID', `${file} is not an Avro schema: ${why}`, {
      cause,
      hint: 'Correct the schema.',
    });
  }
}

/** Declares the named types of one file; what another file declared alike is declared once. */
class Writer {
  readonly #file: string;
  readonly #declared: Map<string, string>;
  /** Named types of this file by their last name. */
  readonly #named = new Map<string, { kind: string; fullName: string }>();
  #namespace = '';

  constructor(file: string, declared: Map<string, string>) {
    this.#file = file;
    this.#declared = declared;
  }

  typeOf(schema: Schema): string {
    if (typeof schema === 'string') return primitives[schema] ?? lastName(schema);
    if (Array.isArray(schema)) return this.#union(schema);
    if (typeof schema.type !== 'string') return this.typeOf(schema.type);
    switch (schema.type) {
      case 'array':
        return `${this.#inside((schema as { items: Schema }).items)}[]`;
      case 'map':
        return `Record<string, ${this.typeOf((schema as { values: Schema }).values)}>`;
      case 'fixed':
        this.#note(schema as Named);
        return 'Uint8Array';
      case 'enum':
        return this.#enum(schema as EnumSchema);
      case 'record':
      case 'error':
        return this.#record(schema as RecordSchema);
      default:
        return this.typeOf(schema.type);
    }
  }

  #inside(schema: Schema): string {
    const type = this.typeOf(schema);
    return type.includes('|') ? `(${type})` : type;
  }

  /** Where two branches look alike in JavaScript, a value names its branch, as `avroType` says. */
  #union(branches: readonly Schema[]): string {
    const types = branches.map((branch) => this.typeOf(branch));
    const about = branches.map((branch) => this.#about(branch));
    const isWrapped = new Set(about.map(({ kind }) => looks[kind] ?? kind)).size < branches.length;
    if (!isWrapped) return types.join(' | ');
    const wrapped = about.map(({ kind, fullName }, at) =>
      kind === 'null' ? 'null' : `{ ${quoted(fullName)}: ${types[at]} }`,
    );
    return wrapped.join(' | ');
  }

  #about(schema: Schema): { kind: string; fullName: string } {
    if (typeof schema === 'string')
      return this.#named.get(lastName(schema)) ?? { kind: schema, fullName: schema };
    if (isNamed(schema)) return this.#named.get(lastName(schema.name))!;
    return this.#about((schema as { type: Schema }).type);
  }

  #note({ type, name, namespace }: Named): string {
    const space = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : (namespace ?? this.#namespace);
    const fullName = space ? `${space}.${lastName(name)}` : name;
    this.#named.set(lastName(name), { kind: type, fullName });
    return space;
  }

  #enum(schema: EnumSchema): string {
    this.#note(schema);
    const name = lastName(schema.name);
    const symbols = schema.symbols.map(quoted).join(' | ');
    return this.#declare(name, `${comment(schema.doc, '')}export type ${name} = ${symbols};\n`);
  }

  #record(schema: RecordSchema): string {
    const outer = this.#namespace;
    this.#namespace = this.#note(schema);
    const lines = schema.fields.map(
      (field) => `${comment(field.doc, '  ')}  ${field.name}: ${this.typeOf(field.type)};\n`,
    );
    this.#namespace = outer;
    const name = lastName(schema.name);
    return this.#declare(name, `${comment(schema.doc, '')}export interface ${name} {\n${lines.join('')}}\n`);
  }

  #declare(name: string, text: string): string {
    const before = this.#declared.get(name);
    if (before !== undefined && before !== text) {
      throw new DdsError('DDS_INPUT_INVALID', `${this.#file} has another ${name} than a schema before it`, {
        hint: 'Give one of them another name.',
      });
    }
    this.#declared.set(name, text);
    return name;
  }
}

const isNamed = (schema: Schema): schema is RecordSchema | EnumSchema =>
  typeof schema === 'object' && !Array.isArray(schema) && 'name' in schema;

const lastName = (name: string) => name.split('.').at(-1)!;

const comment = (doc: string | undefined, indent: string) =>
  doc ? `${indent}/** ${doc.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ')} */\n` : '';

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
