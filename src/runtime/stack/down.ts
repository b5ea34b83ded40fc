import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { chooseStack, connectTo } from './connect.ts';
import { clearContainers } from './docker-sites.ts';
import { endLeftovers, endProcesses, findLeftovers, removeTraces, strayingSupervisors } from './leftovers.ts';
import { livingOwner, type Owner, takeOwnership } from './ownership.ts';
import { isAlive, signal } from './process-table.ts';
import { packageVersion } from './program.ts';
import { runDirectory } from './run-directory.ts';
import { readState } from './stack-state.ts';
import { purgeStateDirectory, type StateDirectory, stackNames } from './state-directory.ts';
import type { StackEvent } from './types.ts';

export interface DownOptions {
  stack?: string | undefined;
  /** Remove the stack's directory with all its data. */
  purge?: boolean | undefined;
}

/** The answer of `dds down --json`. */
export interface DownResult {
  /** Null when there is no stack here at all. */
  stack: string | null;
  /** `stopped`: it ran. `cleaned`: its supervisor was dead, what it left was removed. `none`: there was nothing. */
  outcome: 'stopped' | 'cleaned' | 'none';
  purged: boolean;
}

/** A supervisor that has not gone this long after it was told to is killed. */
const stopTimeoutMs = 45_000;
const askTimeoutMs = 2_000;

/**
 * Stops a stack and resolves when no process, socket or port of it is left. Without a running stack it removes what a
 * dead supervisor left; that there is nothing at all is no error.
 */
export async function down(options: DownOptions, context: RuntimeContext): Promise<DownResult> {
  if (!options.stack && !context.env.DDS_STACK && (await stackNames(context.cwd)).length === 0) {
    return { stack: null, outcome: 'none', purged: false };
  }
  const directory = await chooseStack(context, options.stack);
  const owner = livingOwner(directory);
  if (owner?.role === 'supervisor') await stopSupervisor(directory, owner, context);
  const topology = (await readState(directory).catch(() => null))?.topology;
  const cleaned = await cleanUp(directory, context);
  const cleared = topology ? await clearContainers(topology, directory, context, options.purge) : false;
  const purged = options.purge === true && (await purgeStateDirectory(directory));
  const outcome = owner?.role === 'supervisor' ? 'stopped' : cleaned || cleared ? 'cleaned' : 'none';
  return { stack: directory.stack, outcome, purged };
}

async function stopSupervisor(
  directory: StateDirectory,
  owner: Owner,
  context: RuntimeContext,
): Promise<void> {
  const { client } = connectTo(directory, owner);
  const ended = new AbortController();
  const events = followStop(client.stream('/events', ended.signal), context);
  // Without a control API, because it is still starting or hangs, the signal says the same; a paused one has to run.
  await client.request('POST', '/down', undefined, AbortSignal.timeout(askTimeoutMs)).catch(() => {
    signal(owner.pid, 'SIGTERM');
    signal(owner.pid, 'SIGCONT');
  });
  const deadline = context.clock.monotonic() + stopTimeoutMs;
  while (isAlive(owner)) {
    if (context.signal.aborted) {
      ended.abort();
      throw new DdsError('DDS_FAILED', 'interrupted; the stack goes on stopping', {
        hint: 'Run dds down again.',
      });
    }
    if (context.clock.monotonic() > deadline) signal(owner.pid, 'SIGKILL');
    await context.clock.sleep(10);
  }
  ended.abort();
  await events;
}

async function followStop(events: AsyncIterable<unknown>, context: RuntimeContext): Promise<void> {
  try {
    for await (const event of events as AsyncIterable<StackEvent>) {
      if (event.type === 'service' && event.state === 'stopped') context.report(`${event.service} stopped`);
    }
  } catch {
    // The stream is for the eye; that the supervisor ends is seen from its process.
  }
}

/** Makes sure that nothing is left; true when there was something. */
async function cleanUp(directory: StateDirectory, context: RuntimeContext): Promise<boolean> {
  const { clock } = context;
  // A supervisor whose `up` was killed leaves by itself as soon as it has loaded.
  const strays = strayingSupervisors(directory);
  await endProcesses(strays, clock, 2_000);
  if (!(await directoryExists(directory, context))) return strays.length > 0;
  using _owner = takeOwnership(directory, {
    role: 'cleaner',
    version: packageVersion(),
    runDirectory: runDirectory(directory.path),
  });
  const ended = await endLeftovers(directory, clock);
  const traces = await removeTraces(directory);
  const left = await findLeftovers(directory);
  if (left.length > 0) {
    throw new DdsError(
      'DDS_STATE',
      `processes of the stack are still there: ${left.map(({ pid }) => pid).join(', ')}`,
    );
  }
  return strays.length + ended > 0 || traces;
}

const directoryExists = async (directory: StateDirectory, { cwd }: RuntimeContext): Promise<boolean> =>
  (await stackNames(cwd)).includes(directory.stack);
