/** What the values of an Avro schema are, whatever database they go into. */
export type ColumnKind =
  | 'boolean'
  | 'int'
  | 'long'
  | 'double'
  | 'text'
  | 'blob'
  /** Records, lists, maps and unions of several types. */
  | 'json'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | { readonly precision: number; readonly scale: number };

const primitives: Readonly<Record<string, ColumnKind>> = {
  boolean: 'boolean',
  int: 'int',
  long: 'long',
  // Every float is exactly a double, and 21.3 stays readable in neither.
  float: 'double',
  double: 'double',
  string: 'text',
  enum: 'text',
  bytes: 'blob',
  fixed: 'blob',
  record: 'json',
  error: 'json',
  array: 'json',
  map: 'json',
  null: 'json',
};

const logical: Readonly<Record<string, ColumnKind>> = {
  'timestamp-millis': 'timestamp-millis',
  'local-timestamp-millis': 'timestamp-millis',
  'timestamp-micros': 'timestamp-micros',
  'local-timestamp-micros': 'timestamp-micros',
  date: 'date',
  'time-millis': 'time-millis',
  'time-micros': 'time-micros',
};

/** Underlying types a logical type is allowed on; on any other it is ignored, as Avro demands. */
const logicalBase: Readonly<Record<string, string>> = { date: 'int', 'time-millis': 'int' };

/**
 * What the values of an Avro schema are. A union with null is the other type (every column is nullable). A name refers to a
 * type defined earlier, in `named`.
 */
export function columnKind(schema: unknown, named: ReadonlyMap<string, unknown>): ColumnKind {
  if (typeof schema === 'string') {
    return primitives[schema] ?? (named.has(schema) ? columnKind(named.get(schema), new Map()) : 'json');
  }
  if (Array.isArray(schema)) {
    const others = schema.filter((branch) => branch !== 'null');
    return others.length === 1 ? columnKind(others[0], named) : 'json';
  }
  const { type, logicalType, precision, scale } = schema as Record<string, unknown>;
  if (typeof type !== 'string') return columnKind(type, named);
  if (logicalType === 'decimal' && (type === 'bytes' || type === 'fixed')) {
    const decimal = { precision: Number(precision), scale: Number(scale ?? 0) };
    return decimal.precision >= 1 && decimal.scale <= decimal.precision ? decimal : 'blob';
  }
  const special = typeof logicalType === 'string' ? logical[logicalType] : undefined;
  if (special && type === (logicalBase[logicalType as string] ?? 'long')) return special;
  return columnKind(type, named);
}

/** The unscaled value of an Avro decimal: two's complement, big-endian. */
export function unscaled(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}
