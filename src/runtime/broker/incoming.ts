import { DdsError } from '../../errors/index.ts';
import { giveBack } from './memory.ts';

const LENGTH_BYTES = 4;
const NOTHING = Buffer.alloc(0);

/** What a client has sent and nobody has worked on yet; chunks of the socket are given back as soon as they are read. */
export class Incoming {
  readonly #maxRequestBytes: number;
  #bytes: Buffer = NOTHING;
  #start = 0;
  #end = 0;

  constructor(maxRequestBytes: number) {
    this.#maxRequestBytes = maxRequestBytes;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Takes over a chunk of the socket, which is nobody else's. What `next()` gave before is no longer valid. */
  add(chunk: Buffer): void {
    if (this.length === 0) {
      this.clear();
      this.#bytes = chunk;
      this.#end = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#bytes.length) this.#makeRoom(this.length + chunk.length);
    this.#end += chunk.copy(this.#bytes, this.#end);
    giveBack(chunk);
  }

  /** The next whole request without its length, a view that is valid until the next call of any method; null for none. */
  next(): Buffer | null {
    if (this.length === 0) this.clear();
    if (this.length < LENGTH_BYTES) return null;
    const length = this.#bytes.readInt32BE(this.#start);
    if (length < 0 || length > this.#maxRequestBytes) {
      const limit = `socket.request.max.bytes is ${this.#maxRequestBytes}`;
      throw new DdsError('DDS_PROTOCOL', `a request of ${length} bytes, ${limit}`);
    }
    if (this.length < LENGTH_BYTES + length) return null;
    const from = this.#start + LENGTH_BYTES;
    this.#start = from + length;
    return this.#bytes.subarray(from, this.#start);
  }

  clear(): void {
    giveBack(this.#bytes);
    this.#bytes = NOTHING;
    this.#start = 0;
    this.#end = 0;
  }

  #makeRoom(bytes: number): void {
    const waiting = this.length;
    if (bytes <= this.#bytes.length) this.#bytes.copyWithin(0, this.#start, this.#end);
    else {
      // Twice as much each time: what is never written to takes no memory.
      const larger = Buffer.allocUnsafeSlow(2 * bytes);
      this.#bytes.copy(larger, 0, this.#start, this.#end);
      giveBack(this.#bytes);
      this.#bytes = larger;
    }
    this.#start = 0;
    this.#end = waiting;
  }
}
