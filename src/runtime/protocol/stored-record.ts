import { Reader } from './reader.ts';

/** A record that was copied out of its batch (`RecordWalker.copyTo`): what the batch knew comes with it. */
export class StoredRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly #bytes: Buffer;
  readonly #key: Buffer | null;
  readonly #value: Buffer | null;
  readonly #headersStart: number;

  constructor(bytes: Buffer, offset: number, timestamp: number) {
    this.offset = offset;
    this.timestamp = timestamp;
    this.#bytes = bytes;
    const reader = new Reader(bytes);
    reader.varint();
    reader.take(1); // attributes: none are defined
    reader.varlong();
    reader.varint();
    this.#key = nullable(reader);
    this.#value = nullable(reader);
    this.#headersStart = reader.position;
  }

  get size(): number {
    return this.#bytes.length;
  }
  key(): Buffer | null {
    return this.#key;
  }
  value(): Buffer | null {
    return this.#value;
  }

  headers(): { key: string; value: Buffer | null }[] {
    const reader = new Reader(this.#bytes, this.#headersStart);
    return Array.from({ length: reader.varint() }, () => ({
      key: reader.text(reader.varint()),
      value: nullable(reader),
    }));
  }
}

function nullable(reader: Reader): Buffer | null {
  const length = reader.varint();
  return length < 0 ? null : reader.bytes(length);
}
