import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { DdsError } from '../../errors/index.ts';
import { compileCacheDirectory } from '../../shared/compile-cache.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import type { StackChange } from './changes.ts';
import { checkExternal } from './check-external.ts';
import type { StackConnection } from './connect.ts';
import { clearContainers, portsOfContainers, prepareContainers } from './docker-sites.ts';
import { endLeftovers, removeTraces, supervisorMarker } from './leftovers.ts';
import { lastLines } from './log-file.ts';
import { livingOwner } from './ownership.ts';
import { checkPorts } from './ports.ts';
import { packageVersion, supervisorEntry } from './program.ts';
import { type ApplyRequest, planReconciliation } from './reconcile.ts';
import { readState } from './stack-state.ts';
import { prepareStateDirectory, type StateDirectory } from './state-directory.ts';
import type { SupervisorReply, UpMessage } from './supervisor-channel.ts';
import type { StackEvent, StackStatus } from './types.ts';
import { askedFor, isAsked, whatRuns } from './up-plan.ts';

export interface UpOptions {
  /** Edge sites of the built-in example, beside central. */
  sites?: number | undefined;
  engine?: string | undefined;
  /** `auto`: take free ports instead of the topology's. */
  ports?: 'auto' | undefined;
  stack?: string | undefined;
  /** Topology file; default `dds.yaml` where there is one. */
  file?: string | undefined;
  /** Called with what happens while the stack starts; without it, lines go to `context.report`. */
  onEvent?: (event: StackEvent) => void;
}

/** The answer of `dds up --json`. */
export interface UpResult {
  /** False when the stack was running already. */
  started: boolean;
  /** From the call to ready, ms. */
  elapsedMs: number;
  /** What was changed of a stack that was running. */
  changes: StackChange[];
  status: StackStatus;
}

/**
 * Starts a stack and resolves when all of it is ready; it then runs on by itself. Throws DDS_STACK_START,
 * DDS_PORT_TAKEN, DDS_STACK_BUSY, DDS_STATE or the error of the service that failed; nothing is left running then.
 */
export async function up(options: UpOptions, context: RuntimeContext): Promise<UpResult> {
  const began = context.clock.monotonic();
  const beganAt = context.clock.now();
  const { topology, directory } = await askedFor(options, context);
  const elapsedMs = () => Math.round(context.clock.monotonic() - began);
  const tell = options.onEvent ?? ((event: StackEvent) => report(event, context));
  const owner = livingOwner(directory);
  if (owner) {
    const { connection, status, state } = await whatRuns(directory, owner);
    const nothing = { started: false, changes: [], status };
    if (!isAsked(options, topology)) return { ...nothing, elapsedMs: elapsedMs() };
    const request = {
      ...{ topology, portsMode: options.ports ?? ('fixed' as const), version: packageVersion() },
    };
    // Planned here first: what cannot be applied is refused before the supervisor hears of it.
    const { changes } = await planReconciliation(state, request, directory, owner.runDirectory);
    if (changes.every(({ action }) => action === 'keep'))
      return { ...nothing, changes, elapsedMs: elapsedMs() };
    await checkExternal(topology, state.topology, directory, elapsedMs, tell);
    await prepareContainers(topology, directory, context);
    return {
      started: false,
      ...(await apply(connection, request, context, options, elapsedMs)),
      elapsedMs: elapsedMs(),
    };
  }
  const before = await readState(directory);
  // Of another engine now: nobody would take them over.
  if (before && topology.sites.every(({ docker }) => docker === null))
    await clearContainers(before.topology, directory, context);
  const isAuto = options.ports === 'auto';
  const heldPorts = await portsOfContainers(topology, directory, context);
  // Found out before anything is written; the supervisor makes sure of it.
  if (!isAuto) await checkPorts(topology, new Set(heldPorts));
  await checkExternal(topology, null, directory, elapsedMs, tell);
  await prepareContainers(topology, directory, context);
  await prepareStateDirectory(directory);
  const start = (held: number[]) =>
    launch(directory, context, options, {
      type: 'start',
      request: {
        ...{ cwd: context.cwd, stack: directory.stack, topology, beganAt, heldPorts: held },
        portsMode: options.ports ?? 'fixed',
        version: packageVersion(),
      },
    });
  const status = await start(heldPorts).catch(async (error: unknown) => {
    // Free when it was looked for, and taken a moment later.
    if (!isAuto || !(error instanceof DdsError) || error.code !== 'DDS_PORT_TAKEN') throw error;
    context.report(`${error.message}; starting again on other ports …`);
    return start(await portsOfContainers(topology, directory, context));
  });
  return { started: true, elapsedMs: elapsedMs(), changes: [], status };
}

/** Has a running stack changed, and follows that. */
async function apply(
  { client }: StackConnection,
  request: ApplyRequest,
  context: RuntimeContext,
  options: UpOptions,
  elapsedMs: () => number,
): Promise<Pick<UpResult, 'changes' | 'status'>> {
  const tell = options.onEvent ?? ((event: StackEvent) => report(event, context));
  let changes: StackChange[] = [];
  for await (const line of client.stream('/apply', context.signal, request)) {
    const event = line as StackEvent;
    if (event.type === 'failed') throw DdsError.fromBody(event.error);
    if (event.type === 'ready') return { changes, status: event.status };
    if (event.type === 'plan') changes = event.changes;
    // The supervisor counts from the first `up`.
    tell(event.type === 'service' || event.type === 'check' ? { ...event, elapsedMs: elapsedMs() } : event);
  }
  throw new DdsError(
    'DDS_STACK_START',
    context.signal.aborted
      ? 'interrupted; the stack goes back to what it was'
      : 'the stack was stopped while it was changed',
    { hint: 'Look at it with dds status.' },
  );
}

/** Spawns the supervisor and follows it until the stack is ready. */
async function launch(
  directory: StateDirectory,
  context: RuntimeContext,
  options: UpOptions,
  message: Extract<UpMessage, { type: 'start' }>,
): Promise<StackStatus> {
  const { signal, clock } = context;
  if (signal.aborted) throw interrupted();
  const logFile = directory.logFile('supervisor');
  const supervisor = spawnSupervisor(directory, context, logFile);
  const gone = new Promise<void>((resolve) => supervisor.once('exit', () => resolve()));
  const onAbort = () => {
    context.report('Stopping what was started …');
    if (supervisor.connected) supervisor.disconnect();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const outcome = await follow(supervisor, options, context, message);
    if (outcome && 'status' in outcome && !signal.aborted) return outcome.status;
    await gone;
    // Sites clear up after themselves; one that was killed could not.
    await clearContainers(message.request.topology, directory, context);
    if (signal.aborted) throw interrupted();
    if (outcome && 'error' in outcome) throw DdsError.fromBody(outcome.error);
    // Killed, or it could not even say why it failed: its children end by themselves, but that is made sure of.
    const killed = supervisor.exitCode !== 0;
    if (killed && !livingOwner(directory)) {
      await endLeftovers(directory, clock);
      await removeTraces(directory);
    }
    const last = killed ? lastLines(logFile, 1)[0] : undefined;
    throw new DdsError(
      'DDS_STACK_START',
      killed
        ? `the supervisor died${last ? `: ${last}` : ''}`
        : 'the stack was stopped while it was starting',
      { hint: 'Read its log with dds logs supervisor.' },
    );
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (supervisor.connected) supervisor.disconnect();
    supervisor.unref();
  }
}

type Outcome = Extract<StackEvent, { type: 'ready' | 'failed' }>;

/** Passes events on until the stack is ready or failed; null when the supervisor went without a word. */
function follow(
  supervisor: ChildProcess,
  options: UpOptions,
  context: RuntimeContext,
  message: UpMessage,
): Promise<Outcome | null> {
  const tell = options.onEvent ?? ((event: StackEvent) => report(event, context));
  return new Promise((resolve) => {
    supervisor.once('error', () => resolve(null));
    supervisor.once('exit', () => resolve(null));
    supervisor.on('message', (event: SupervisorReply) => {
      tell(event);
      if (event.type === 'failed') resolve(event);
      if (event.type !== 'ready' || context.signal.aborted) return;
      // From here on the stack is not ours: it stays when we go.
      const detach: UpMessage = { type: 'detach' };
      supervisor.send(detach, () => resolve(event));
    });
    supervisor.send(message, () => undefined);
  });
}

function report(event: StackEvent, context: RuntimeContext): void {
  if (event.type === 'check') context.report(`${event.site}: ${event.message}`);
  if (event.type !== 'service' || event.message === 'starting') return;
  context.report(`${event.service} ${event.message}  ${(event.elapsedMs / 1000).toFixed(1)} s`);
}

function spawnSupervisor(directory: StateDirectory, context: RuntimeContext, logFile: string): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    return spawn(process.execPath, ['--max-semi-space-size=2', supervisorEntry], {
      cwd: context.cwd,
      env: {
        ...context.env,
        NODE_COMPILE_CACHE: context.env.NODE_COMPILE_CACHE ?? compileCacheDirectory(context.env),
        [supervisorMarker]: directory.path,
      },
      // A session of its own: a Ctrl-C at the terminal is for `up` alone.
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
      serialization: 'json',
    });
  } finally {
    closeSync(log);
  }
}

const interrupted = () =>
  new DdsError('DDS_STACK_START', 'interrupted; what was started is stopped again', {
    hint: 'Run dds up again when you are ready.',
  });
