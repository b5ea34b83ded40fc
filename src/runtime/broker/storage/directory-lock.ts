import fs from 'node:fs';
import path from 'node:path';
import { DdsError } from '../../../errors/index.ts';

const NAME = '.lock';
const ATTEMPTS = 10;

/** Keeps a second broker out of a data directory for as long as this process lives. */
export type DirectoryLock = Disposable;

/**
 * The lock is a symbolic link whose target names the process: made in one step, and where a full disk takes no file. A
 * lock whose process is gone is taken over. Throws DDS_STATE while that process lives.
 */
export function lockDirectory(directory: string): DirectoryLock {
  const file = path.join(directory, NAME);
  const own = describe(process.pid) ?? `${process.pid}:`;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      fs.symlinkSync(own, file);
      return { [Symbol.dispose]: () => release(file, own) };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const holder = holderOf(file);
    if (holder !== null && isAlive(holder)) throw inUse(directory, holder);
    removeStale(file, holder);
  }
  throw inUse(directory, null);
}

function inUse(directory: string, holder: string | null): DdsError {
  const who = holder === null ? 'another process' : `process ${pidOf(holder)}`;
  return new DdsError('DDS_STATE', `broker data in ${directory}: ${who} uses it`, {
    hint: 'Stop the other stack with dds down, or end that process, then try again.',
  });
}

/** `pid:start`, because a pid is given again; null when there is no such process. */
function describe(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold anything: fields are counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? null : `${pid}:${fields[19]}`;
  } catch {
    if (fs.existsSync('/proc/self/stat')) return null;
  }
  // Where there is no /proc the pid alone has to do.
  try {
    process.kill(pid, 0);
    return `${pid}:`;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? `${pid}:` : null;
  }
}

const pidOf = (holder: string): number => Number(holder.split(':')[0]);
const isAlive = (holder: string): boolean => describe(pidOf(holder)) === holder;

function holderOf(file: string): string | null {
  try {
    return fs.readlinkSync(file);
  } catch {
    return null;
  }
}

/** Moves a dead one's lock away; puts it back when a living one got there between the look and the move. */
function removeStale(file: string, holder: string | null): void {
  const aside = `${file}.${process.pid}`;
  try {
    fs.renameSync(file, aside);
  } catch {
    return; // Somebody else was faster; the next attempt tells who won.
  }
  const moved = holderOf(aside);
  if (moved !== null && moved !== holder && !fs.existsSync(file)) fs.renameSync(aside, file);
  else fs.rmSync(aside, { force: true });
}

function release(file: string, own: string): void {
  if (holderOf(file) === own) fs.rmSync(file, { force: true });
}
