import { malformed } from '../../protocol/index.ts';

/** No answer of a broker is larger: what claims to be is not Kafka, and is not waited for. */
const MAX_FRAME_BYTES = 256 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

/** Cuts a stream of bytes into frames. A frame that came in one piece is a view; one that did not is copied once. */
export class FrameReader {
  #head: Buffer = NOTHING;
  #frame: Buffer | null = null;
  #filled = 0;

  /** Calls `onFrame` for every frame that is complete with this chunk. Throws DDS_PROTOCOL. */
  push(chunk: Buffer, onFrame: (frame: Buffer) => void): void {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#frame) rest = this.#fill(this.#frame, rest, onFrame);
      else if (this.#head.length > 0 || rest.length < 4) rest = this.#fillHead(rest);
      else {
        const size = this.#checked(rest.readInt32BE(0));
        if (rest.length < 4 + size) {
          this.#begin(size);
          rest = rest.subarray(4);
        } else {
          onFrame(rest.subarray(4, 4 + size));
          rest = rest.subarray(4 + size);
        }
      }
    }
  }

  #fillHead(chunk: Buffer): Buffer {
    const missing = 4 - this.#head.length;
    this.#head = Buffer.concat([this.#head, chunk.subarray(0, missing)]);
    if (this.#head.length === 4) {
      this.#begin(this.#checked(this.#head.readInt32BE(0)));
      this.#head = NOTHING;
    }
    return chunk.subarray(missing);
  }

  #begin(size: number): void {
    this.#frame = Buffer.allocUnsafeSlow(size);
    this.#filled = 0;
  }

  #fill(frame: Buffer, chunk: Buffer, onFrame: (frame: Buffer) => void): Buffer {
    const taken = chunk.copy(frame, this.#filled);
    this.#filled += taken;
    if (this.#filled === frame.length) {
      this.#frame = null;
      onFrame(frame);
    }
    return chunk.subarray(taken);
  }

  #checked(size: number): number {
    if (size < 4 || size > MAX_FRAME_BYTES) throw malformed(`a frame of ${size} bytes`);
    return size;
  }
}
