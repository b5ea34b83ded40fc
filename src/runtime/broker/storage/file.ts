import fs from 'node:fs';
import path from 'node:path';
import type { ByteFile, Directory } from './interface.ts';

/**
 * Synchronous calls on purpose: a write of some kilobytes into the page cache takes 3–10 µs, a trip through the
 * thread pool 50 µs and more. Only what waits for the disk (fsync) is asynchronous.
 */
class FileOnDisk implements ByteFile {
  #fd: number;
  #size: number;
  #syncing: Promise<void> | null = null;
  #syncAgain: Promise<void> | null = null;

  constructor(file: string) {
    this.#fd = fs.openSync(file, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644);
    this.#size = fs.fstatSync(this.#fd).size;
  }

  get size(): number {
    return this.#size;
  }

  append(chunks: readonly Uint8Array[]): void {
    let position = this.#size;
    try {
      for (const chunk of chunks) {
        let written = 0;
        while (written < chunk.length) {
          written += fs.writeSync(this.#fd, chunk, written, chunk.length - written, position + written);
        }
        position += chunk.length;
      }
    } catch (error) {
      fs.ftruncateSync(this.#fd, this.#size);
      throw error;
    }
    this.#size = position;
  }

  read(position: number, length: number): Buffer {
    const wanted = Math.max(0, Math.min(length, this.#size - position));
    const bytes = Buffer.allocUnsafeSlow(wanted);
    let filled = 0;
    while (filled < wanted) {
      const count = fs.readSync(this.#fd, bytes, filled, wanted - filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return filled === wanted ? bytes : bytes.subarray(0, filled);
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#fd, size);
    this.#size = size;
  }

  /** Group commit: callers that come while a sync runs share the next one. */
  sync(): Promise<void> {
    if (!this.#syncing) {
      this.#syncing = this.#fdatasync().finally(() => {
        this.#syncing = null;
      });
      return this.#syncing;
    }
    if (!this.#syncAgain) {
      this.#syncAgain = this.#syncing
        .catch(() => undefined)
        .then(() => {
          this.#syncAgain = null;
          return this.sync();
        });
    }
    return this.#syncAgain;
  }

  #fdatasync(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#fd < 0) return resolve();
      fs.fdatasync(this.#fd, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    if (this.#fd < 0) return;
    const fd = this.#fd;
    this.#fd = -1;
    // A sync under way still needs the descriptor.
    if (this.#syncing === null) fs.closeSync(fd);
    else void this.#syncing.catch(() => undefined).then(() => fs.closeSync(fd));
  }
}

class DirectoryOnDisk implements Directory {
  readonly path: string;

  constructor(directory: string) {
    this.path = directory;
    fs.mkdirSync(directory, { recursive: true });
  }

  room() {
    try {
      const { bsize, blocks, bavail } = fs.statfsSync(this.path);
      return { totalBytes: bsize * blocks, usableBytes: bsize * bavail };
    } catch {
      return { totalBytes: -1, usableBytes: -1 };
    }
  }

  list(): string[] {
    return fs.readdirSync(this.path).sort();
  }

  directory(name: string): Directory {
    return new DirectoryOnDisk(path.join(this.path, name));
  }

  open(name: string): ByteFile {
    return new FileOnDisk(path.join(this.path, name));
  }

  read(name: string): Buffer | null {
    try {
      return fs.readFileSync(path.join(this.path, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  replace(name: string, bytes: Uint8Array): void {
    const temporary = path.join(this.path, `${name}.tmp`);
    try {
      fs.writeFileSync(temporary, bytes);
      fs.renameSync(temporary, path.join(this.path, name));
    } catch (error) {
      // Half of it would take what little space there is.
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  }

  rename(from: string, to: string): void {
    fs.renameSync(path.join(this.path, from), path.join(this.path, to));
  }

  remove(name: string): void {
    fs.rmSync(path.join(this.path, name), { recursive: true, force: true });
  }
}

/** A directory of the file system, made when missing. */
export function openDirectory(directory: string): Directory {
  return new DirectoryOnDisk(directory);
}
