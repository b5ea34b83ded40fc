import { wireHeaderBytes, writeWireHeader } from '../serde/wire.ts';
import { type TemperatureUnit, temperatureUnits } from './temperature-model.ts';

/** The longest zigzag varint of a 64-bit long. */
const LONGEST_LONG = 10;

/**
 * Lays the bytes of one sensor's TemperatureData records: Confluent's wire format, then the Avro fields sensor_id,
 * timestamp, temperature, unit. What never changes is written once, and every record reuses the same memory, so that
 * a reading costs no garbage.
 */
export class TemperatureEncoder {
  readonly #bytes: Buffer;
  readonly #prefix: number;
  #view: Buffer;

  constructor(schemaId: number, sensorId: string) {
    const id = Buffer.from(sensorId, 'utf8');
    this.#bytes = Buffer.alloc(wireHeaderBytes + LONGEST_LONG + id.length + LONGEST_LONG + 9);
    writeWireHeader(this.#bytes, schemaId);
    const idAt = writeLong(this.#bytes, wireHeaderBytes, id.length);
    this.#prefix = idAt + id.copy(this.#bytes, idAt);
    this.#view = this.#bytes;
  }

  /** The encoded record; valid until the next call. `timestampMs` must be a whole number. */
  encode(timestampMs: number, temperature: number, unit: TemperatureUnit): Buffer {
    let at = writeLong(this.#bytes, this.#prefix, timestampMs);
    at = this.#bytes.writeDoubleLE(temperature, at);
    // The symbol's position in the enum, as a zigzag varint of one byte.
    this.#bytes[at++] = temperatureUnits.indexOf(unit) * 2;
    if (this.#view.length !== at) this.#view = this.#bytes.subarray(0, at);
    return this.#view;
  }
}

/** Writes a whole number as Avro's zigzag varint without a BigInt; exact within ±2^52. */
function writeLong(into: Buffer, at: number, value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let next = at;
  while (rest >= 0x80) {
    into[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  into[next++] = rest;
  return next;
}
