import { BATCH_HEADER_BYTES, RecordBatch } from '../../protocol/index.ts';
import type { ByteFile } from './interface.ts';

const WINDOW_BYTES = 256 * 1024;

/** Walks the batches of a log file; stops at the end, or at bytes that cannot be a batch (`fault`). */
export class BatchScanner {
  readonly #file: ByteFile;
  readonly #end: number;
  readonly #windowBytes: number;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  /** Where the batch after the current one starts. */
  position: number;
  fault: string | null = null;

  constructor(file: ByteFile, position = 0, end = file.size, windowBytes = WINDOW_BYTES) {
    this.#file = file;
    this.position = position;
    this.#end = end;
    this.#windowBytes = windowBytes;
    this.#windowStart = position;
  }

  /** The next batch, whole in memory, or null. Valid until the next call. */
  next(checkCrc = false): RecordBatch | null {
    const left = this.#end - this.position;
    if (left === 0 || this.fault) return null;
    if (left < BATCH_HEADER_BYTES) return this.#stop(`${left} bytes, too few for a batch`);
    const header = this.#load(BATCH_HEADER_BYTES);
    if (!header) return this.#stop('the file ended early');
    const { size, magic } = header;
    if (size < BATCH_HEADER_BYTES || magic !== 2)
      return this.#stop(`no record batch (size ${size}, format ${magic})`);
    if (size > left) return this.#stop(`a batch of ${size} bytes in ${left}`);
    const batch = this.#load(size);
    if (!batch) return this.#stop('the file ended early');
    const fault = checkCrc ? batch.fault() : null;
    if (fault) return this.#stop(fault.reason);
    this.position += size;
    return batch;
  }

  /** A piece of the file that has been read with the current batch; null when it has not. */
  bytes(from: number, length: number): Buffer | null {
    const at = from - this.#windowStart;
    return at < 0 || at + length > this.#window.length ? null : this.#window.subarray(at, at + length);
  }

  /** Goes on behind a fault. */
  resumeAt(position: number): void {
    this.position = position;
    this.fault = null;
  }

  #stop(fault: string): null {
    this.fault = fault;
    return null;
  }

  #load(bytes: number): RecordBatch | null {
    let at = this.position - this.#windowStart;
    if (at < 0 || at + bytes > this.#window.length) {
      this.#window = this.#file.read(
        this.position,
        Math.max(bytes, Math.min(this.#windowBytes, this.#end - this.position)),
      );
      this.#windowStart = this.position;
      at = 0;
    }
    return at + bytes > this.#window.length ? null : new RecordBatch(this.#window, at);
  }
}
