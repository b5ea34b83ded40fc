import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Clock } from '../../shared/clock.ts';
import { recordedOwner } from './ownership.ts';
import { isAlive, isStopped, type ProcessIdentity, signal, withEnvironment } from './process-table.ts';
import { removeRunDirectory, runDirectory } from './run-directory.ts';
import { readJson, type StateDirectory } from './state-directory.ts';

/** In the environment of every process that a supervisor starts, and of all that those start. */
export const stackMarker = 'DDS_STACK_DIRECTORY';
/** In the environment of a supervisor itself. */
export const supervisorMarker = 'DDS_SUPERVISOR_OF';

export type RecordedProcess = ProcessIdentity & { group: boolean };

/** Processes of the stack that live though their supervisor does not (or is about to end). */
export async function findLeftovers(directory: StateDirectory): Promise<ProcessIdentity[]> {
  const recorded = ((await readJson(directory.processesFile).catch(() => null)) ?? []) as RecordedProcess[];
  const found = new Map<number, ProcessIdentity>();
  for (const one of [...recorded.filter(isAlive), ...withEnvironment(stackMarker, directory.path)]) {
    found.set(one.pid, one);
  }
  return [...found.values()];
}

/**
 * Ends every process that is left of the stack: SIGTERM, and SIGKILL after the grace. Looks again until it finds none:
 * a supervisor may have been killed while it started one. Returns how many there were.
 */
export async function endLeftovers(
  directory: StateDirectory,
  clock: Clock,
  graceMs = 5_000,
): Promise<number> {
  let ended = 0;
  for (let round = 0; round < 5; round++) {
    const leftovers = await findLeftovers(directory);
    if (leftovers.length === 0) break;
    await endProcesses(leftovers, clock, graceMs);
    ended += leftovers.length;
  }
  return ended;
}

export async function endProcesses(
  processes: readonly ProcessIdentity[],
  clock: Clock,
  graceMs: number,
): Promise<void> {
  const deadline = clock.monotonic() + graceMs;
  for (const { pid } of processes) signal(pid, 'SIGTERM');
  for (let alive = processes.filter(isAlive); alive.length > 0; alive = alive.filter(isAlive)) {
    const late = clock.monotonic() > deadline;
    // One that was paused would hold everybody up: it cannot act on SIGTERM.
    for (const { pid } of alive) if (late || isStopped(pid)) signal(pid, 'SIGKILL');
    await clock.sleep(10);
  }
}

/** Removes the sockets and files of an owner that is dead; true when there was anything. */
export async function removeTraces(directory: StateDirectory): Promise<boolean> {
  const owner = recordedOwner(directory);
  const sockets = new Set([runDirectory(directory.path), ...(owner ? [owner.runDirectory] : [])]);
  const had = existsSync(directory.processesFile) || [...sockets].some((path) => existsSync(path));
  for (const path of sockets) removeRunDirectory(path);
  await rm(directory.processesFile, { force: true });
  return had;
}

/** Supervisors of this stack that are not its owner: they lost the race, or their `up` was killed early. */
export function strayingSupervisors(directory: StateDirectory): ProcessIdentity[] {
  const owner = recordedOwner(directory);
  return withEnvironment(supervisorMarker, directory.path).filter(({ pid }) => pid !== owner?.pid);
}
