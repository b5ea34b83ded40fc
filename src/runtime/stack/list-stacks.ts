import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RuntimeContext } from '../../shared/context.ts';
import { usedPorts } from '../topology/index.ts';
import { ControlClient } from './control-client.ts';
import { supervisorMarker } from './leftovers.ts';
import { livingOwner } from './ownership.ts';
import { allPids, environmentOf } from './process-table.ts';
import { controlSocket, runDirectory } from './run-directory.ts';
import { readState } from './stack-state.ts';
import { stackNames, stateDirectory } from './state-directory.ts';
import type { StackStatus } from './types.ts';

export interface ListedStack {
  /** Null for what a supervisor left behind that can no longer be asked. */
  stack: string | null;
  /** Where dds.yaml and `.dds` are; null when nothing tells. */
  directory: string | null;
  /** `silent`: its supervisor lives, but does not answer. `dead`: it does not live any more. `down`: it was stopped. */
  state: StackStatus['state'] | 'silent' | 'dead' | 'down';
  sites: string[];
  /** Every port of its sites, in the order of the sites. */
  ports: number[];
  /** ISO 8601; null unless it runs. */
  startedAt: string | null;
  /** Where its sockets are; null when there are none. */
  runDirectory: string | null;
}

/** The answer of `dds ls --json`. */
export interface ListStacksResult {
  stacks: ListedStack[];
}

const patienceMs = 1_000;

/** The stacks of this user on this machine that run or have left something, and those of this directory. */
export async function listStacks(context: Pick<RuntimeContext, 'cwd'>): Promise<ListStacksResult> {
  const parent = dirname(runDirectory(''));
  const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const directories = entries.filter((one) => one.isDirectory()).map((one) => join(parent, one.name));
  const supervised = supervisedDirectories();
  const found = await Promise.all(directories.map((directory) => ask(directory, supervised)));
  const stopped = (await stoppedHere(context)).filter(
    ({ stack, directory }) => !found.some((one) => one.stack === stack && one.directory === directory),
  );
  const stacks = [...found, ...stopped].sort(
    (a, b) => compare(a.directory, b.directory) || compare(a.stack, b.stack),
  );
  return { stacks };
}

const compare = (a: string | null, b: string | null) => (a ?? '~').localeCompare(b ?? '~');

async function ask(directory: string, supervised: ReadonlyMap<string, string>): Promise<ListedStack> {
  try {
    const status = (await new ControlClient(controlSocket(directory)).request(
      'GET',
      '/status',
      undefined,
      AbortSignal.timeout(patienceMs),
    )) as StackStatus;
    const { stack, state, sites, startedAt } = status;
    return {
      ...{ stack, directory: dirname(dirname(status.directory)), state, startedAt, runDirectory: directory },
      sites: sites.map(({ site }) => site),
      ports: sites.flatMap(({ brokers, wanBrokers, registryUrl }) =>
        [...brokers, ...wanBrokers, new URL(registryUrl).host].map((host) => Number(host.split(':').pop())),
      ),
    };
  } catch {
    const path = supervised.get(directory);
    return {
      stack: path ? basename(path) : null,
      directory: path ? dirname(dirname(path)) : null,
      state: path ? 'silent' : 'dead',
      ...{ sites: [], ports: [], startedAt: null, runDirectory: directory },
    };
  }
}

/** Run directory → state directory of every supervisor that lives. Empty off Linux. */
function supervisedDirectories(): Map<string, string> {
  if (process.platform !== 'linux') return new Map();
  const paths = allPids().map((pid) => environmentOf(pid, supervisorMarker));
  return new Map(paths.filter((path) => path !== null).map((path) => [runDirectory(path), path]));
}

async function stoppedHere({ cwd }: Pick<RuntimeContext, 'cwd'>): Promise<ListedStack[]> {
  const names = await stackNames(cwd);
  const all = await Promise.all(
    names.map(async (stack): Promise<ListedStack | null> => {
      const directory = stateDirectory(cwd, stack);
      if (livingOwner(directory)) return null;
      const sites = (await readState(directory).catch(() => null))?.topology.sites ?? [];
      return {
        ...{ stack, directory: cwd, state: 'down', startedAt: null, runDirectory: null },
        sites: sites.map(({ name }) => name),
        ports: sites.flatMap((site) => usedPorts(site).map(({ port }) => port)),
      };
    }),
  );
  return all.filter((one) => one !== null);
}
