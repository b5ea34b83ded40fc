import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { execa } from 'execa';
import { DdsError, type DdsErrorBody, errorTable } from '../../errors/index.ts';
import type { Clock } from '../../shared/clock.ts';
import type { ChildMessage } from '../../shared/supervised.ts';
import { Backoff } from './backoff.ts';
import { lastLines, rotateLog } from './log-file.ts';
import type { ServiceSpec } from './plan.ts';
import { signal, usage } from './process-table.ts';
import type { ServiceState, ServiceStatus } from './types.ts';

export interface ChildOptions {
  logFile: string;
  /** The whole environment, without what the program's own `env` adds. */
  env: Record<string, string>;
  clock: Clock;
  onChange(child: Child, message: string): void;
  /** How long a service may take to become ready, unless its spec says so. Default 30 s. */
  startTimeoutMs?: number;
  /** How long it may take to stop after SIGTERM, before SIGKILL. Default 10 s. */
  stopTimeoutMs?: number;
}

/** Which state may follow which. */
const transitions: Readonly<Record<ServiceState, readonly ServiceState[]>> = {
  starting: ['ready', 'backoff', 'failed', 'stopping'],
  ready: ['backoff', 'stopping', 'stopped'],
  backoff: ['starting', 'backoff', 'stopping'],
  stopping: ['stopped'],
  stopped: ['starting', 'stopping'],
  failed: ['starting', 'stopping'],
};

/** A command of the user's own cannot say that it is ready; it counts as such when it still runs after this time. */
const jobSettleMs = 250;

/** One process of the stack: started, watched, started again after a crash, stopped. */
export class Child {
  readonly spec: ServiceSpec;
  readonly #options: ChildOptions;
  readonly #backoff = new Backoff();
  #firstReady = readiness();
  #state: ServiceState = 'stopped';
  #process: ChildProcess | null = null;
  /** Resolves when the current process is gone. */
  #gone: Promise<void> = Promise.resolve();
  #stop: AbortController | null = null;
  #wasReady = false;
  #readyAt = 0;
  #startedAt = 0;
  #logFrom = 0;
  #restarts = 0;
  #failure: DdsError | null = null;
  #lastError: string | null = null;
  #questions = new Map<number, (info: unknown) => void>();
  #lastQuestion = 0;

  constructor(spec: ServiceSpec, options: ChildOptions) {
    this.spec = spec;
    this.#options = options;
  }

  get state(): ServiceState {
    return this.#state;
  }

  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** Resolves when it is ready; rejects when its first process since then ends before. Also after a stop. */
  start(): Promise<void> {
    if (this.#state === 'stopped' || this.#state === 'failed') {
      this.#firstReady = readiness();
      this.#wasReady = false;
      this.#lastError = null;
      this.#stop = new AbortController();
      this.#launch();
    }
    return this.#firstReady.promise;
  }

  /** SIGTERM, then SIGKILL. Resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#stop ??= new AbortController();
    if (!this.#stop.signal.aborted) {
      this.#stop.abort();
      this.#firstReady.reject(new DdsError('DDS_STACK_START', `${this.spec.service} was stopped`));
      if (this.#state !== 'stopped') this.#enter('stopping', 'stopping');
      this.#signal('SIGTERM');
      // A process that was paused can only act on SIGTERM once it runs again.
      this.#signal('SIGCONT');
    }
    const late = new AbortController();
    void this.#options.clock
      .sleep(this.spec.stopTimeoutMs ?? this.#options.stopTimeoutMs ?? 10_000, late.signal)
      .then(() => {
        if (!late.signal.aborted) this.#signal('SIGKILL');
      });
    await this.#gone;
    late.abort();
    if (this.#state === 'stopping') this.#enter('stopped', 'stopped');
  }

  /** Asks the process for its `info()`; null when it does not answer in time. */
  ask(timeoutMs: number): Promise<unknown> {
    const process = this.#process;
    if (!process?.connected) return Promise.resolve(null);
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      const settle = (info: unknown) => {
        clearTimeout(timer);
        this.#questions.delete(id);
        resolve(info);
      };
      const timer = setTimeout(settle, timeoutMs, null);
      this.#questions.set(id, settle);
      process.send({ type: 'info', id }, (error) => error && settle(null));
    });
  }

  async status(infoTimeoutMs: number): Promise<ServiceStatus> {
    const info = await this.ask(infoTimeoutMs);
    const { service, site, kind, http } = this.spec;
    const pid = this.pid;
    return {
      ...{ service, site, kind, state: this.#state, pid, restarts: this.#restarts },
      uptimeMs: pid === null ? null : Math.round(this.#options.clock.monotonic() - this.#startedAt),
      ...(pid === null ? { rssBytes: null, cpuMs: null } : usage(pid, kind === 'job')),
      ...{ http, info, lastError: this.#lastError },
    };
  }

  rotateLog(): void {
    rotateLog(this.#options.logFile);
  }

  #launch(): void {
    const { program, kind } = this.spec;
    const { logFile, env, clock } = this.#options;
    const isJob = kind === 'job';
    this.#startedAt = clock.monotonic();
    this.#readyAt = 0;
    this.#failure = null;
    // Any open descriptor will do; execa's types know the standard ones only.
    const log = openSync(logFile, 'a') as 1;
    this.#logFrom = statSync(logFile).size;
    const running = execa(program.file, program.args, {
      env: { ...env, ...program.env },
      extendEnv: false,
      ...(program.cwd !== undefined && { cwd: program.cwd }),
      stdin: isJob ? 'pipe' : 'ignore',
      stdout: log,
      stderr: log,
      ...(!isJob && { ipc: true as const, serialization: 'json' as const }),
      // A job leads a process group, so that what it starts is stopped with it.
      detached: isJob,
      buffer: false,
      reject: false,
      cleanup: false,
    });
    closeSync(log);
    const child = running.nodeChildProcess;
    this.#process = child;
    child.on('message', (message) => this.#onMessage(message as ChildMessage));
    this.#gone = running.then((result) => {
      if (isJob && child.pid) signal(-child.pid, 'SIGKILL');
      this.#process = null;
      for (const settle of this.#questions.values()) settle(null);
      this.#onExit(result.exitCode, result.signal, result.originalMessage);
    });
    this.#enter('starting', 'starting');
    this.#watchStart(child, isJob);
  }

  /** Declares a job ready after a while; kills what does not become ready in time. */
  #watchStart(child: ChildProcess, isJob: boolean): void {
    const { clock } = this.#options;
    const startTimeoutMs = this.spec.startTimeoutMs ?? this.#options.startTimeoutMs ?? 30_000;
    const over = new AbortController();
    child.once('exit', () => over.abort());
    void clock.sleep(isJob ? jobSettleMs : startTimeoutMs, over.signal).then(() => {
      if (over.signal.aborted || this.#process !== child || this.#state !== 'starting') return;
      if (isJob) this.#onReady();
      else {
        this.#failure = this.#startError(`did not become ready within ${startTimeoutMs / 1000} s`);
        void this.#giveUp(child);
      }
    });
  }

  /** One that has much to clear up is asked to first. */
  async #giveUp(child: ChildProcess): Promise<void> {
    const { stopTimeoutMs = 0 } = this.spec;
    if (stopTimeoutMs > 0) {
      this.#signal('SIGTERM');
      const over = new AbortController();
      child.once('exit', () => over.abort());
      await this.#options.clock.sleep(stopTimeoutMs, over.signal);
    }
    if (this.#process === child) this.#signal('SIGKILL');
  }

  #onMessage(message: ChildMessage): void {
    if (message.type === 'ready') this.#onReady();
    else if (message.type === 'note') this.#options.onChange(this, message.message);
    else if (message.type === 'failed') this.#failure = fromChild(message.error);
    else if (message.type === 'info') this.#questions.get(message.id)?.(message.info);
  }

  #onReady(): void {
    if (this.#state !== 'starting') return;
    this.#readyAt = this.#options.clock.monotonic();
    this.#wasReady = true;
    this.#enter('ready', this.spec.readyMessage);
    this.#firstReady.resolve();
  }

  #onExit(code: number | undefined, by: string | undefined, spawnError: string | undefined): void {
    if (this.#state === 'stopping') return;
    const reason = by ? `was killed by ${by}` : code === undefined ? spawnError : `ended with code ${code}`;
    if (this.spec.kind === 'job' && code === 0) {
      // A job that has done its work is not a crash.
      if (this.#state === 'starting') this.#onReady();
      this.#enter('stopped', 'done');
      return;
    }
    this.#lastError = this.#failure?.message ?? reason ?? 'ended';
    if (!this.#wasReady) {
      this.#enter('failed', this.#lastError);
      this.#firstReady.reject(this.#failure ?? this.#startError(`${reason} before it was ready`));
      return;
    }
    const now = this.#options.clock.monotonic();
    void this.#startLater(this.#lastError, this.#readyAt === 0 ? 0 : now - this.#readyAt);
  }

  /** What keeps it from being started, such as a log that cannot be opened, may pass: it must not end the supervisor. */
  async #startLater(reason: string, readyForMs: number): Promise<void> {
    const delay = this.#backoff.next(readyForMs);
    this.#enter('backoff', `${reason}; starts again in ${delay / 1000} s`);
    await this.#options.clock.sleep(delay, this.#stop?.signal);
    if (this.#state !== 'backoff') return;
    try {
      this.#launch();
      this.#restarts++;
    } catch (thrown) {
      this.#lastError = `cannot be started again: ${(thrown as Error).message}`;
      void this.#startLater(this.#lastError, 0);
    }
  }

  #startError(what: string): DdsError {
    const { service } = this.spec;
    const log = lastLines(this.#options.logFile, 10, this.#logFrom);
    // Our own commands say what was wrong and then what to do; others end with what matters.
    const last = log.findLast((line) => line.startsWith('error: '))?.slice(7) ?? log.at(-1)?.trim();
    return new DdsError('DDS_STACK_START', `${service} ${what}${last ? `: ${last}` : ''}`, {
      hint: `Read its log with dds logs ${service}.`,
      details: { service, log },
    });
  }

  #enter(state: ServiceState, message: string): void {
    if (!transitions[this.#state].includes(state)) {
      throw new Error(`${this.spec.service} cannot go from ${this.#state} to ${state}`);
    }
    this.#state = state;
    this.#options.onChange(this, message);
  }

  #signal(name: NodeJS.Signals): void {
    const pid = this.#process?.pid;
    if (pid) signal(this.spec.kind === 'job' ? -pid : pid, name);
  }
}

function readiness(): PromiseWithResolvers<void> {
  const ready = Promise.withResolvers<void>();
  // A start that fails after nobody waits for it any more is told through the state.
  ready.promise.catch(() => undefined);
  return ready;
}

function fromChild(error: unknown): DdsError {
  const body = error as Partial<DdsErrorBody> | null;
  if (body?.code && body.code in errorTable) return DdsError.fromBody(body as DdsErrorBody);
  return new DdsError('DDS_STACK_START', String(body?.message ?? error));
}
