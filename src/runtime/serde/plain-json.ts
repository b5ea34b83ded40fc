/** What `JSON.stringify` can show without losing anything. */
export type PlainJson = null | boolean | number | string | PlainJson[] | { [key: string]: PlainJson };

/**
 * A decoded Avro value as plain JSON: bytes in base64, longs beyond 2^53 as strings, and NaN and the infinities as
 * strings of their names, which JSON has no numbers for.
 */
export function toPlainJson(value: unknown): PlainJson {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return value.toString();
    case 'object':
      break;
    default:
      return null;
  }
  if (value === null) return null;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  if (Array.isArray(value)) return value.map(toPlainJson);
  const plain: Record<string, PlainJson> = {};
  for (const [key, field] of Object.entries(value)) plain[key] = toPlainJson(field);
  return plain;
}
