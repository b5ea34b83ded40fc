import { DdsError } from '../../errors/index.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import type { SiteSpec, Topology } from '../topology/index.ts';
import { Child } from './child.ts';
import type { RecordedProcess } from './leftovers.ts';
import { endpointsOf, order, planServices } from './plan.ts';
import { identify } from './process-table.ts';
import { provisionSite } from './provision.ts';
import { type StateDirectory, writeJson } from './state-directory.ts';
import type { ServiceStatus, SiteEndpoints, StackEvent, StackStatus } from './types.ts';

export interface SupervisorOptions {
  topology: Topology;
  directory: StateDirectory;
  runDirectory: string;
  /** Environment of the children. */
  env: Record<string, string>;
  clock: Clock;
  log: Logger;
  /** When `up` began, ms since the epoch: events count from there. */
  beganAt: number;
}

const rotateEveryMs = 10_000;
const infoTimeoutMs = 500;

/** Starts the services of a stack in order, keeps them running, stops them in order. Owns no socket and no lock. */
export class Supervisor {
  readonly sites: readonly SiteEndpoints[];
  readonly directory: StateDirectory;
  readonly children: readonly Child[];
  readonly #options: SupervisorOptions;
  readonly #listeners = new Set<(event: StackEvent) => void>();
  readonly #startedAt = new Date();
  readonly #stopping = new AbortController();
  #started = false;
  #stopped: Promise<void> | null = null;
  #recording: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    const { topology, directory, runDirectory, env, clock } = options;
    this.#options = options;
    this.directory = directory;
    this.sites = topology.sites.map((site) => endpointsOf(site, directory));
    this.children = planServices(topology, directory, runDirectory).map(
      (spec) =>
        new Child(spec, {
          ...{ logFile: directory.logFile(spec.service), env, clock },
          onChange: (child, message) => this.#onChange(child, message),
        }),
    );
  }

  /** Aborted when the stack begins to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Resolves when every service is ready. Rejects with the first that fails; `stop()` must still be called. */
  async start(): Promise<void> {
    const { topology, clock } = this.#options;
    void this.#rotateLogs(clock);
    await Promise.all(topology.sites.map((site) => this.#startSite(site, this.children)));
    this.#started = true;
  }

  /** Starts some services of a ready stack, sites before their jobs. Rejects with the first that fails. */
  async startServices(children: readonly Child[]): Promise<void> {
    const sites = this.#options.topology.sites.filter((site) =>
      children.some((child) => child.spec.site === site.name),
    );
    await Promise.all(sites.map((site) => this.#startSite(site, children)));
  }

  /** Stops some services, jobs before sites. Resolves when their processes are gone. */
  async stopServices(children: readonly Child[]): Promise<void> {
    for (const stage of [0, 1]) {
      const now = children.filter((child) => order[child.spec.kind].stop === stage);
      await Promise.all(now.map((child) => child.stop()));
    }
  }

  /** Stops every service, jobs before sites. Resolves when no process is left; safe to call again. */
  stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async status(): Promise<StackStatus> {
    const services = await Promise.all(this.children.map((child) => child.status(infoTimeoutMs)));
    return {
      stack: this.directory.stack,
      directory: this.directory.path,
      engine: this.#options.topology.engine,
      state: this.#state(services),
      supervisorPid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      sites: [...this.sites],
      services,
    };
  }

  /** Calls back with every event from now on; returns how to end that. */
  subscribe(listener: (event: StackEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #startSite(site: SiteSpec, children: readonly Child[]): Promise<void> {
    this.stopping.throwIfAborted();
    const own = children.filter((child) => child.spec.site === site.name);
    await Promise.all(
      own.filter((child) => order[child.spec.kind].start === 0).map((child) => child.start()),
    );
    const later = own.filter((child) => order[child.spec.kind].start === 1);
    const endpoints = this.sites.find((one) => one.site === site.name)!;
    // Our own jobs wait for their topics while they load; a command of the user's finds them there.
    const provisioned = this.#provision(site, endpoints);
    const started = later.map(async (child) => {
      if (child.spec.kind === 'job' || child.spec.kind === 'fleet') await provisioned;
      this.stopping.throwIfAborted();
      await child.start();
    });
    await Promise.all([provisioned, ...started]);
  }

  async #provision(site: SiteSpec, endpoints: SiteEndpoints): Promise<void> {
    try {
      await provisionSite(site, endpoints);
    } catch (thrown) {
      const cause = DdsError.from(thrown);
      throw new DdsError('DDS_STACK_START', `topics of ${site.name}: ${cause.message}`, { cause });
    }
  }

  async #stopAll(): Promise<void> {
    await this.stopServices(this.children);
    await this.#recording;
  }

  #state(services: readonly ServiceStatus[]): StackStatus['state'] {
    if (this.stopping.aborted) return 'stopping';
    if (!this.#started) return 'starting';
    return services.every(isWell) ? 'ready' : 'degraded';
  }

  #onChange(child: Child, message: string): void {
    const { service } = child.spec;
    const level = child.state === 'backoff' || child.state === 'failed' ? 'warn' : 'info';
    this.#options.log[level]({ pid: child.pid }, `${service} ${message}`);
    if (child.pid !== null) this.#record();
    const elapsedMs = Date.now() - this.#options.beganAt;
    for (const listener of this.#listeners) {
      listener({ type: 'service', service, state: child.state, message, elapsedMs });
    }
  }

  /** Notes the children's pids for whoever finds this stack after the supervisor was killed. */
  #record(): void {
    this.#recording = this.#recording
      .then(() => {
        const processes: RecordedProcess[] = this.children.flatMap((child) => {
          const identity = child.pid === null ? null : identify(child.pid);
          return identity ? [{ ...identity, group: child.spec.kind === 'job' }] : [];
        });
        return writeJson(this.directory.processesFile, processes);
      })
      .catch((error: unknown) => this.#options.log.warn({ err: String(error) }, 'cannot note the processes'));
  }

  async #rotateLogs(clock: Clock): Promise<void> {
    while (!this.stopping.aborted) {
      await clock.sleep(rotateEveryMs, this.stopping);
      for (const child of this.children) child.rotateLog();
    }
  }
}

/**
 * A service of ours that runs but does not answer hangs; a command of the user's has nothing to say. A site whose broker
 * cannot write says so.
 */
const isWell = ({ kind, state, info }: ServiceStatus): boolean =>
  state === 'stopped' || (state === 'ready' && (kind === 'job' || (info !== null && !hasTrouble(info))));

const hasTrouble = (info: unknown): boolean =>
  typeof (info as { broker?: { trouble?: unknown } }).broker?.trouble === 'string';
