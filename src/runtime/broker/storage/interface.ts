/**
 * Where the broker keeps bytes. Everything above (segments, indexes, recovery, compaction) is written once
 * against these two; memory and file differ in nothing else.
 */

/** A file that grows at its end. */
export interface ByteFile {
  readonly size: number;
  /** All chunks or none: after an error the file is as long as before. The bytes may be reused afterwards. */
  append(chunks: readonly Uint8Array[]): void;
  /** Up to `length` bytes; fewer only at the end of the file. A copy, the caller's own. */
  read(position: number, length: number): Buffer;
  truncate(size: number): void;
  /** Resolves when all that was appended before the call survives a loss of power. */
  sync(): Promise<void>;
  close(): void;
}

export interface Directory {
  /** For messages. */
  readonly path: string;
  /** Bytes of the disk it is on, or of the memory; -1 where nobody knows. */
  room(): { totalBytes: number; usableBytes: number };
  /** Names of the files and directories in it, sorted. */
  list(): string[];
  /** A directory in it, made when missing. */
  directory(name: string): Directory;
  /** A file in it, made when missing. */
  open(name: string): ByteFile;
  /** The whole file, null when there is none. */
  read(name: string): Buffer | null;
  /** Writes the whole file so that a reader, even after a crash, finds the old or the new content. */
  replace(name: string, bytes: Uint8Array): void;
  /** Moves a file or directory of this directory over whatever file has the new name. */
  rename(from: string, to: string): void;
  /** Removes a file or a whole directory; no error when there is none. */
  remove(name: string): void;
}
