import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { stateError } from './state-directory.ts';

/** A Unix socket's path may have about this many bytes (104 on macOS, 108 on Linux). */
const longestSocketPath = 100;

/** Short directory for the sockets of the stack whose state is at `statePath`. Nothing is made by asking. */
export function runDirectory(statePath: string): string {
  const user = process.getuid?.() ?? userInfo().username;
  return join(tmpdir(), `dds-${user}`, hash(statePath));
}

/** Makes it, for this user only. Throws DDS_STATE when somebody else made its parent. */
export function makeRunDirectory(path: string): void {
  const parent = dirname(path);
  try {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const owner = lstatSync(parent);
    const uid = process.getuid?.();
    if (!owner.isDirectory() || (uid !== undefined && owner.uid !== uid)) {
      throw stateError(`${parent} belongs to somebody else; set TMPDIR to a directory of your own`);
    }
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw stateError(`cannot make ${path}`, cause);
  }
}

export function removeRunDirectory(path: string): void {
  rmSync(path, { recursive: true, force: true });
  try {
    rmdirSync(dirname(path));
  } catch {
    // Another stack's directory is still in there.
  }
}

export const controlSocket = (directory: string): string => join(directory, 'control.sock');

/** Where the HTTP API of a service listens. */
export function serviceSocket(directory: string, service: string): string {
  const path = join(directory, `${service.replaceAll('/', '.')}.sock`);
  return Buffer.byteLength(path) <= longestSocketPath ? path : join(directory, `${hash(service)}.sock`);
}

const hash = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);
