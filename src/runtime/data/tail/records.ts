import type { RecordCursor } from '../../kafka/record-cursor.ts';
import { type AvroDecoder, type Decoded, readWireId, toPlainJson } from '../../serde/index.ts';
import { type ShownRecord, textJson } from './format.ts';

/** What is read of a record, whether it lies in fetched bytes or was kept. */
export type RecordSource = Pick<RecordCursor, 'offset' | 'timestamp' | 'key' | 'value' | 'headers'>;

/** Decodes the records of a topic at a site. */
export class RecordReader {
  readonly #decoder: AvroDecoder;
  /** True once the registry has a schema for the topic's values: then anything else in it cannot be decoded. */
  isAvro = false;

  constructor(decoder: AvroDecoder) {
    this.#decoder = decoder;
  }

  /** The record that the cursor is at. Synchronous once its schemas are here; rejects when the registry does not answer. */
  read(cursor: RecordSource): ShownRecord | Promise<ShownRecord> {
    const key = cursor.key();
    const value = cursor.value();
    const decodedKey = key && readWireId(key) !== null ? this.#decoder.decode(key) : null;
    const isWire = value !== null && (this.isAvro || readWireId(value) !== null);
    const decodedValue = isWire ? this.#decoder.decode(value) : null;
    if (decodedKey instanceof Promise || decodedValue instanceof Promise) {
      return Promise.all([decodedKey, decodedValue]).then(([k, v]) => shown(cursor, key, value, k, v));
    }
    return shown(cursor, key, value, decodedKey, decodedValue);
  }
}

function shown(
  cursor: RecordSource,
  key: Buffer | null,
  value: Buffer | null,
  decodedKey: Decoded | null,
  decodedValue: Decoded | null,
): ShownRecord {
  const valueJson = valueText(value, decodedValue);
  return {
    offset: cursor.offset,
    timestamp: cursor.timestamp,
    keyJson: keyText(key, decodedKey),
    key,
    valueJson,
    value,
    error:
      valueJson === null ? (decodedValue?.error ?? 'neither Avro in the wire format nor UTF-8 text') : null,
    headers: cursor.headers(),
  };
}

function keyText(key: Buffer | null, decoded: Decoded | null): string | null {
  if (key === null) return 'null';
  if (decoded?.error === null) return JSON.stringify(toPlainJson(decoded.value));
  return textJson(key, false);
}

function valueText(value: Buffer | null, decoded: Decoded | null): string | null {
  if (value === null) return 'null';
  if (decoded === null) return textJson(value, true);
  return decoded.error === null ? JSON.stringify(toPlainJson(decoded.value)) : null;
}
