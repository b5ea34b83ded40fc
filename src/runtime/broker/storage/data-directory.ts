import { DdsError } from '../../../errors/index.ts';
import { reasonOf } from './health.ts';
import type { Directory } from './interface.ts';

const FORMAT_FILE = 'format.json';
/** Raised when an older dds could misread what a newer one wrote. */
const FORMAT = 1;

/** A file of JSON; null when it is missing. Throws DDS_STATE when it is something else. */
export function readJson<T>(directory: Directory, name: string): T | null {
  const bytes = directory.read(name);
  if (!bytes) return null;
  try {
    return JSON.parse(bytes.toString()) as T;
  } catch (cause) {
    throw unusable(directory, `${name} is damaged`, cause);
  }
}

/** Throws DDS_STATE when a newer dds has written the directory; marks one that is new. */
export function checkFormat(directory: Directory): void {
  const found = readJson<{ format: unknown }>(directory, FORMAT_FILE);
  if (!found) {
    directory.replace(FORMAT_FILE, Buffer.from(`${JSON.stringify({ format: FORMAT })}\n`));
    return;
  }
  if (typeof found.format !== 'number') throw unusable(directory, `${FORMAT_FILE} names no format`);
  if (found.format <= FORMAT) return;
  throw unusable(
    directory,
    `it has format ${found.format}, written by a newer dds; this one reads up to format ${FORMAT}`,
    undefined,
    'Use the newer dds again, or give the stack another directory; dds down --purge removes the data.',
  );
}

/** An error of the directory as a whole: the broker cannot start on it. */
export function unusable(
  directory: Pick<Directory, 'path'>,
  why: string,
  cause?: unknown,
  hint?: string,
): DdsError {
  return new DdsError('DDS_STATE', `broker data in ${directory.path}: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(hint === undefined ? {} : { hint }),
  });
}

/** What a start could not do there, as DDS_STATE. */
export function startFailed(directory: Pick<Directory, 'path'>, error: unknown): DdsError {
  return error instanceof DdsError ? error : unusable(directory, reasonOf(error), error);
}
