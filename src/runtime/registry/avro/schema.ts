/** An Avro schema as a tree; a name that is used again is the same object again. */
export type AvroSchema = PrimitiveSchema | ArraySchema | MapSchema | UnionSchema | NamedSchema;
export type NamedSchema = RecordSchema | EnumSchema | FixedSchema;

/** Attributes that Avro gives no meaning to in this place, `logicalType` among them. */
export type Properties = Readonly<Record<string, unknown>>;

export const primitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
export type Primitive = (typeof primitives)[number];

export interface PrimitiveSchema {
  readonly kind: Primitive;
  readonly properties: Properties;
}

export interface ArraySchema {
  readonly kind: 'array';
  readonly items: AvroSchema;
  readonly properties: Properties;
}

export interface MapSchema {
  readonly kind: 'map';
  readonly values: AvroSchema;
  readonly properties: Properties;
}

export interface UnionSchema {
  readonly kind: 'union';
  readonly branches: readonly AvroSchema[];
}

interface Named {
  readonly name: string;
  /** null: the null namespace. */
  readonly namespace: string | null;
  readonly fullName: string;
  readonly doc: string | undefined;
  /** Full names. */
  readonly aliases: readonly string[];
  readonly properties: Properties;
}

export interface Field {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc: string | undefined;
  readonly aliases: readonly string[];
  readonly order: 'ascending' | 'descending' | 'ignore';
  /** undefined: it has none. */
  readonly defaultValue: unknown;
  readonly properties: Properties;
}

export interface RecordSchema extends Named {
  readonly kind: 'record';
  readonly isError: boolean;
  /** Filled after the record itself is known by name, so that its fields can refer to it. */
  readonly fields: Field[];
}

export interface EnumSchema extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly defaultSymbol: string | undefined;
}

export interface FixedSchema extends Named {
  readonly kind: 'fixed';
  readonly size: number;
}

/** Full name of a name that is written within a namespace. */
export function qualify(name: string, namespace: string | null): string {
  return name.includes('.') || namespace === null ? name : `${namespace}.${name}`;
}
