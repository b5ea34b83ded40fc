import { freemem, totalmem } from 'node:os';
import type { ByteFile, Directory } from './interface.ts';

/** Chunks as they were appended. */
class FileInMemory implements ByteFile {
  #chunks: Buffer[] = [];
  #starts: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      if (chunk.length === 0) continue;
      // A copy: the chunk may be a view into a much larger request.
      const copy = Buffer.allocUnsafeSlow(chunk.length);
      copy.set(chunk);
      this.#chunks.push(copy);
      this.#starts.push(this.#size);
      this.#size += chunk.length;
    }
  }

  read(position: number, length: number): Buffer {
    const end = Math.min(position + length, this.#size);
    if (end <= position) return Buffer.alloc(0);
    const parts: Buffer[] = [];
    let at = this.#chunkAt(position);
    for (let from = position; from < end; at++) {
      const start = this.#starts[at]!;
      const chunk = this.#chunks[at]!;
      parts.push(chunk.subarray(from - start, Math.min(chunk.length, end - start)));
      from = start + chunk.length;
    }
    return Buffer.concat(parts);
  }

  #chunkAt(position: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#starts[middle]! <= position) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  truncate(size: number): void {
    const kept = this.read(0, size);
    this.#chunks = [];
    this.#starts = [];
    this.#size = 0;
    this.append([kept]);
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}

class DirectoryInMemory implements Directory {
  readonly path: string;
  readonly #entries = new Map<string, FileInMemory | DirectoryInMemory>();

  constructor(path: string) {
    this.path = path;
  }

  room() {
    return { totalBytes: totalmem(), usableBytes: freemem() };
  }

  list(): string[] {
    return [...this.#entries.keys()].sort();
  }

  directory(name: string): Directory {
    const found = this.#entries.get(name);
    if (found instanceof DirectoryInMemory) return found;
    const made = new DirectoryInMemory(`${this.path}/${name}`);
    this.#entries.set(name, made);
    return made;
  }

  open(name: string): ByteFile {
    const found = this.#entries.get(name);
    if (found instanceof FileInMemory) return found;
    const made = new FileInMemory();
    this.#entries.set(name, made);
    return made;
  }

  read(name: string): Buffer | null {
    const found = this.#entries.get(name);
    return found instanceof FileInMemory ? found.read(0, found.size) : null;
  }

  replace(name: string, bytes: Uint8Array): void {
    const file = new FileInMemory();
    file.append([bytes]);
    this.#entries.set(name, file);
  }

  rename(from: string, to: string): void {
    const entry = this.#entries.get(from);
    if (!entry) throw new Error(`no file ${this.path}/${from}`);
    this.#entries.delete(from);
    this.#entries.set(to, entry);
  }

  remove(name: string): void {
    this.#entries.delete(name);
  }
}

/** A directory that lives as long as the process: for tests and throw-away stacks. */
export function memoryDirectory(): Directory {
  return new DirectoryInMemory('memory:');
}
