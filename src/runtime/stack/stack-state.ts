import type { SitePorts, Topology } from '../topology/index.ts';
import { readJson, type StateDirectory, stateError, writeJson } from './state-directory.ts';

/** Raised when an older dds could misread what a newer one wrote. */
const format = 1;

/** What is kept of a stack between `up` and the next `up`. */
export interface StackState {
  format: number;
  /** Version of dds that wrote it. */
  version: string;
  /** As it was started last, with the ports it really had. */
  topology: Topology;
  portsMode: 'auto' | 'fixed';
  /** Ports that `--ports auto` chose, by site; kept even while the stack runs on fixed ones. */
  autoPorts: Record<string, SitePorts>;
}

/** Null for a stack that was never started. Throws DDS_STATE when a newer dds has written it. */
export async function readState(directory: StateDirectory): Promise<StackState | null> {
  const state = (await readJson(directory.stateFile)) as StackState | null;
  if (state === null) return null;
  if (typeof state.format !== 'number') throw stateError(`${directory.stateFile} is not a state of dds`);
  if (state.format > format) {
    throw stateError(`${directory.path} was written by dds ${state.version}, which is newer than this one`);
  }
  return { ...state, topology: completed(state.topology) };
}

/** A stack of an earlier version has no fleets, and only sites that dds itself is. */
const completed = (topology: Topology): Topology => ({
  ...topology,
  fleets: topology.fleets ?? [],
  sites: topology.sites.map((site) => ({
    ...site,
    engine: site.engine ?? 'embedded',
    cluster: site.cluster ?? null,
    docker: site.docker ?? null,
  })),
});

export const writeState = (directory: StateDirectory, state: Omit<StackState, 'format'>): Promise<void> =>
  writeJson(directory.stateFile, { format, ...state });
