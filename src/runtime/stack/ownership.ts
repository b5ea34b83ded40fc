import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { DdsError } from '../../errors/index.ts';
import { identify, isAlive, type ProcessIdentity } from './process-table.ts';
import { type StateDirectory, stateError } from './state-directory.ts';

/** Who may change a stack: its supervisor for as long as it lives, or a process that cleans up after a dead one. */
export interface Owner extends ProcessIdentity {
  role: 'supervisor' | 'cleaner';
  /** Version of dds. */
  version: string;
  /** Where its sockets are; kept here because TMPDIR may differ in another shell. */
  runDirectory: string;
  startedAt: string;
}

export type Ownership = Owner & Disposable;

/** What the file says, whether that process lives or not. */
export function recordedOwner(directory: StateDirectory): Owner | null {
  try {
    return JSON.parse(readFileSync(directory.ownerFile, 'utf8')) as Owner;
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || cause instanceof SyntaxError) return null;
    throw stateError(`cannot read ${directory.ownerFile}`, cause);
  }
}

/** The process that owns the stack now; null when none does, or when the one that did is dead. */
export function livingOwner(directory: StateDirectory): Owner | null {
  const owner = recordedOwner(directory);
  return owner && isAlive(owner) ? owner : null;
}

/** Takes the stack, also from a dead owner. Throws DDS_STACK_BUSY while another one lives. */
export function takeOwnership(
  directory: StateDirectory,
  facts: Pick<Owner, 'role' | 'version' | 'runDirectory'>,
): Ownership {
  const self = identify(process.pid) ?? { pid: process.pid, started: '' };
  const owner: Owner = { ...self, ...facts, startedAt: new Date().toISOString() };
  const draft = `${directory.ownerFile}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(owner, null, 2)}\n`);
  } catch (cause) {
    throw stateError(`cannot write to ${directory.path}`, cause);
  }
  try {
    // A hard link comes with its content and fails when the name is taken: of two, one wins.
    for (let attempt = 0; !tryLink(draft, directory.ownerFile); attempt++) {
      const living = livingOwner(directory);
      if (living || attempt === 10) throw busy(directory, living);
      removeStale(directory);
    }
  } finally {
    unlinkSync(draft);
  }
  return {
    ...owner,
    [Symbol.dispose]() {
      const current = recordedOwner(directory);
      if (current?.pid === owner.pid && current.started === owner.started) unlinkSync(directory.ownerFile);
    },
  };
}

export function busy(directory: StateDirectory, owner: Owner | null): DdsError {
  const who = owner ? `process ${owner.pid}` : 'another process';
  const verb = owner?.role === 'cleaner' ? 'is cleaning up' : 'is starting or stopping';
  return new DdsError('DDS_STACK_BUSY', `${who} ${verb} the stack "${directory.stack}"`);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw stateError(`cannot write ${to}`, cause);
  }
}

/** Moves the dead owner's file away; puts it back when a living one got there between the look and the move. */
function removeStale(directory: StateDirectory): void {
  const aside = `${directory.ownerFile}.stale.${process.pid}`;
  try {
    renameSync(directory.ownerFile, aside);
  } catch {
    return; // Somebody else was faster; the next link tells who won.
  }
  const moved = recordedOwner({ ...directory, ownerFile: aside });
  if (moved && isAlive(moved)) tryLink(aside, directory.ownerFile);
  unlinkSync(aside);
}
