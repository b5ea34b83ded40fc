import { mkdtemp, rmdir, stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { RuntimeContext } from '../../shared/context.ts';
import type { DoctorCheck } from './doctor.ts';
import { findLeftovers } from './leftovers.ts';
import { listStacks } from './list-stacks.ts';
import { livingOwner, recordedOwner } from './ownership.ts';
import { runDirectory } from './run-directory.ts';
import { readState } from './stack-state.ts';
import { type StateDirectory, stackNames, stateDirectory } from './state-directory.ts';

const gib = 1024 ** 3;

export async function directoryChecks({ cwd }: RuntimeContext): Promise<DoctorCheck[]> {
  const state = join(cwd, '.dds');
  const place = (await stat(state).catch(() => null)) ? state : cwd;
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const scarce = free < 2 * gib;
  return [
    {
      check: 'disk',
      verdict: free < gib / 10 ? 'fail' : scarce ? 'warn' : 'ok',
      found: `${(free / gib).toFixed(1)} GiB free at ${place}`,
      todo: scarce ? 'Make room, or remove old data with dds down --purge.' : null,
    },
    await writable('state directory', place, 'Change its rights, or run dds in another directory.'),
    await writable('temporary directory', tmpdir(), 'Set TMPDIR to a directory of your own.'),
  ];
}

async function writable(check: string, path: string, todo: string): Promise<DoctorCheck> {
  try {
    await rmdir(await mkdtemp(join(path, '.dds-doctor-')));
    return { check, verdict: 'ok', found: `${path} can be written`, todo: null };
  } catch (cause) {
    return { check, verdict: 'fail', found: (cause as Error).message, todo };
  }
}

/** What killed stacks have left, here and in other directories, and data of a newer dds. */
export async function stateChecks(context: RuntimeContext): Promise<DoctorCheck[]> {
  const names = await stackNames(context.cwd);
  const here = (
    await Promise.all(names.map((name) => stackChecks(stateDirectory(context.cwd, name))))
  ).flat();
  const known = new Set(names.map((name) => runDirectory(stateDirectory(context.cwd, name).path)));
  const { stacks } = await listStacks(context);
  const elsewhere = stacks
    .filter(({ state, runDirectory: path }) => state === 'dead' && path !== null && !known.has(path))
    .map(({ runDirectory: path }) =>
      stale(
        'sockets',
        `${path} has no supervisor`,
        `Run dds down where that stack was, or remove ${path}; ${dirname(path ?? '')} is of dds alone.`,
      ),
    );
  const all = [...here, ...elsewhere];
  return all.length > 0
    ? all
    : [{ check: 'stale state', verdict: 'ok', found: 'nothing is left of killed stacks', todo: null }];
}

async function stackChecks(directory: StateDirectory): Promise<DoctorCheck[]> {
  const { stack } = directory;
  try {
    await readState(directory);
    if (livingOwner(directory)) return [];
    const left = await findLeftovers(directory);
    const owner = recordedOwner(directory);
    const todo = `Run dds down --stack ${stack}; the data stays.`;
    return [
      ...(owner ? [stale(`stack ${stack}`, `its supervisor (process ${owner.pid}) was killed`, todo)] : []),
      ...(left.length > 0
        ? [stale(`stack ${stack}`, `processes are left: ${left.map(({ pid }) => pid).join(', ')}`, todo)]
        : []),
    ];
  } catch (cause) {
    const todo = `Use the newer dds, or remove its data with dds down --purge --stack ${stack}.`;
    return [{ check: `stack ${stack}`, verdict: 'fail', found: (cause as Error).message, todo }];
  }
}

const stale = (check: string, found: string, todo: string): DoctorCheck => ({
  ...{ check, found, todo },
  verdict: 'warn',
});
