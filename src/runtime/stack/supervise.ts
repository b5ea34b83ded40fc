import { rmSync } from 'node:fs';
import { aborted } from '../../shared/aborted.ts';
import type { Clock } from '../../shared/clock.ts';
import { compileCacheDirectory } from '../../shared/compile-cache.ts';
import type { Logger } from '../../shared/logger.ts';
import type { SitePorts, Topology } from '../topology/index.ts';
import { serveControl } from './control-api.ts';
import { endLeftovers, removeTraces, stackMarker, supervisorMarker } from './leftovers.ts';
import { takeOwnership } from './ownership.ts';
import { checkPorts, withFreePorts } from './ports.ts';
import { controlSocket, makeRunDirectory, removeRunDirectory, runDirectory } from './run-directory.ts';
import { readState, writeState } from './stack-state.ts';
import { type StateDirectory, stateDirectory } from './state-directory.ts';
import { Supervisor } from './supervisor.ts';
import type { StartRequest } from './supervisor-channel.ts';
import type { StackEvent } from './types.ts';

export interface SuperviseContext {
  clock: Clock;
  log: Logger;
  env: Readonly<Record<string, string | undefined>>;
  /** Aborted when the stack is to stop. */
  signal: AbortSignal;
  tell(event: StackEvent): void;
}

/**
 * The life of a stack: takes it over, clears what a dead supervisor left, starts it, waits for the signal or for
 * `POST /down`, stops it and removes its traces. Rejects when it could not be started; then nothing is left either.
 */
export async function superviseStack(request: StartRequest, context: SuperviseContext): Promise<void> {
  const { clock, log, tell, env } = context;
  const directory = stateDirectory(request.cwd, request.stack);
  const sockets = runDirectory(directory.path);
  using _owner = takeOwnership(directory, {
    role: 'supervisor',
    version: request.version,
    runDirectory: sockets,
  });
  const healed = await endLeftovers(directory, clock);
  if (healed > 0) log.warn({ processes: healed }, 'ended processes of a supervisor that died');
  await removeTraces(directory);
  const topology = await settlePorts(request, directory);
  makeRunDirectory(sockets);

  const down = new AbortController();
  const stop = AbortSignal.any([context.signal, down.signal]);
  const supervisor = new Supervisor({
    ...{ topology, directory, runDirectory: sockets, clock, log, beganAt: request.beganAt },
    env: childEnvironment(env, directory),
  });
  supervisor.subscribe(tell);
  const started = raceAbort(supervisor.start(), stop);
  // The sites boot while this process loads the control API.
  const control = serveControl(supervisor, controlSocket(sockets), () => down.abort());
  try {
    await Promise.all([started, control]);
    if (!stop.aborted) {
      const status = await supervisor.status();
      log.info({ elapsedMs: Date.now() - request.beganAt }, 'ready');
      tell({ type: 'ready', status });
      await aborted(stop);
    }
  } finally {
    await supervisor.stop();
    await endLeftovers(directory, clock);
    await (await control.catch(() => null))?.close();
    removeRunDirectory(sockets);
    rmSync(directory.processesFile, { force: true });
    log.info({}, 'stopped');
  }
}

/** Finds or checks the ports and notes what this stack now is. */
async function settlePorts(request: StartRequest, directory: StateDirectory): Promise<Topology> {
  const { portsMode, version } = request;
  const before = await readState(directory);
  let { topology } = request;
  let autoPorts: Record<string, SitePorts> = before?.autoPorts ?? {};
  if (portsMode === 'auto') {
    topology = await withFreePorts(topology, autoPorts, [], new Set(request.heldPorts));
    autoPorts = Object.fromEntries(topology.sites.map((site) => [site.name, site.ports]));
  } else await checkPorts(topology, new Set(request.heldPorts));
  await writeState(directory, { version, topology, portsMode, autoPorts });
  return topology;
}

/** Variables that a job would take for its flags must not come in from the user's shell. */
const jobVariables = /^DDS_(SITE|ACCESS|BROKERS|REGISTRY|HTTP|TOPICS|EXCLUDE|STORE|SOURCES)$/;

function childEnvironment(env: SuperviseContext['env'], directory: StateDirectory): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !jobVariables.test(entry[0]) && entry[0] !== supervisorMarker,
  );
  return {
    ...Object.fromEntries(kept),
    NODE_COMPILE_CACHE: env.NODE_COMPILE_CACHE ?? compileCacheDirectory(env),
    DDS_STACK: directory.stack,
    [stackMarker]: directory.path,
  };
}

/** Settles with the promise, or resolves when the signal aborts; a later rejection is nobody's business then. */
async function raceAbort(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  await Promise.race([promise, aborted(signal)]);
}
