import { isDeepStrictEqual } from 'node:util';
import { DdsError } from '../../errors/index.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import type { SiteSpec, Topology } from '../topology/index.ts';
import { sameService } from './changes.ts';
import { Child } from './child.ts';
import { ExternalSites } from './external-site.ts';
import type { RecordedProcess } from './leftovers.ts';
import { endpointsOf, order, planServices, type ServiceSpec } from './plan.ts';
import { identify } from './process-table.ts';
import { provisionSite } from './provision.ts';
import { isWell, TroubleWatch } from './service-trouble.ts';
import { refuseWithoutSite } from './site-needed.ts';
import { StackEvents } from './stack-events.ts';
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

const lookEveryMs = 10_000;
const infoTimeoutMs = 500;

/** Starts the services of a stack in order, keeps them running, stops them in order. Owns no socket and no lock. */
export class Supervisor {
  readonly directory: StateDirectory;
  readonly runDirectory: string;
  readonly #options: SupervisorOptions;
  readonly #startedAt = new Date();
  readonly #stopping = new AbortController();
  readonly #events: StackEvents;
  readonly #troubles = new TroubleWatch();
  readonly #external: ExternalSites;
  #topology: Topology;
  #children: readonly Child[];
  #changing = false;
  #started = false;
  #stopped: Promise<void> | null = null;
  #recording: Promise<void> = Promise.resolve();

  constructor(options: SupervisorOptions) {
    const { topology, directory, runDirectory } = options;
    this.#options = options;
    this.directory = directory;
    this.runDirectory = runDirectory;
    this.#events = new StackEvents(options);
    this.#topology = topology;
    this.#children = planServices(topology, directory, runDirectory).map((spec) => this.#child(spec));
    this.#external = new ExternalSites(options.clock, (...change) => this.#events.external(...change));
  }

  /** Sites first. Another list after each change of the topology. */
  get children(): readonly Child[] {
    return this.#children;
  }

  get sites(): readonly SiteEndpoints[] {
    return this.#topology.sites.map((site) => endpointsOf(site, this.directory));
  }

  /** Aborted when the stack begins to stop. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Resolves when every service is ready. Rejects with the first that fails; `stop()` must still be called. */
  async start(): Promise<void> {
    void this.#lookAround(this.#options.clock);
    await Promise.all(this.#topology.sites.map((site) => this.#startSite(site, this.children)));
    this.#followExternal();
    this.#started = true;
  }

  /** Starts some services of a ready stack, sites before their jobs. Rejects with the first that fails. */
  async startServices(children: readonly Child[]): Promise<void> {
    const sites = this.#topology.sites.filter((site) =>
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

  /**
   * Runs one change of the stack at a time. Throws DDS_STACK_BUSY during another one.
   */
  async change<Result>(action: () => Promise<Result>): Promise<Result> {
    if (this.#changing) {
      throw new DdsError('DDS_STACK_BUSY', `the stack "${this.directory.stack}" is being changed`, {
        hint: 'Wait until that is done, then run the command again.',
      });
    }
    this.#changing = true;
    try {
      return await action();
    } finally {
      this.#changing = false;
    }
  }

  /**
   * Goes over to another topology: topics first, then what is gone or different is stopped and what is new or different
   * started. A service that stays the same keeps its process. Rejects with the first that fails, or when the signal
   * aborts; call it again with the old topology then.
   */
  async become(topology: Topology, services: readonly ServiceSpec[], signal: AbortSignal): Promise<void> {
    const before = this.#topology;
    const staying = new Map(
      this.#children
        .filter(({ spec }) => services.some((one) => sameService(one, spec)))
        .map((child) => [child.spec.service, child]),
    );
    const fresh = topology.sites.filter((site) => {
      if (!site.cluster) return !staying.has(`${site.name}/site`);
      return !isDeepStrictEqual(before.sites.find(({ name }) => name === site.name)?.cluster, site.cluster);
    });
    const changed = topology.sites.filter((site) => {
      const old = before.sites.find(({ name }) => name === site.name);
      return !fresh.includes(site) && !isDeepStrictEqual(old?.topics, site.topics);
    });
    for (const { name } of changed) {
      if (staying.get(`${name}/site`)?.state !== 'stopped') continue;
      throw new DdsError('DDS_STACK_START', `the topics of ${name} need ${name}/site, which is stopped`, {
        hint: `Run dds start ${name}, then dds up again.`,
      });
    }
    // A cluster that dds does not start is there now; the others get their topics once they have started.
    const ready = [...changed, ...fresh.filter(({ cluster }) => cluster)];
    await Promise.all(
      ready.map(async (site) => {
        const old = changed.includes(site) && before.sites.find(({ name }) => name === site.name);
        await this.#provision(site, endpointsOf(site, this.directory), old || undefined);
      }),
    );
    signal.throwIfAborted();
    await this.stopServices(this.#children.filter((child) => staying.get(child.spec.service) !== child));
    signal.throwIfAborted();
    this.#topology = topology;
    this.#children = services.map((spec) => staying.get(spec.service) ?? this.#child(spec));
    this.#record();
    this.#followExternal();
    const starting = this.#children.filter((child) => !staying.has(child.spec.service));
    refuseWithoutSite(this.#children, starting);
    const aborted = new Promise<never>((_resolve, reject) => {
      const stop = () => reject(new DdsError('DDS_STACK_START', 'interrupted'));
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    });
    await Promise.race([this.startServices(starting), aborted]);
  }

  /** Stops every service, jobs before sites. Resolves when no process is left; safe to call again. */
  stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async status(): Promise<StackStatus> {
    const services = [
      ...this.#external.statuses(),
      ...(await Promise.all(this.children.map((child) => child.status(infoTimeoutMs)))),
    ];
    this.#troubles.look(services, (...event) => this.#events.note(...event));
    return {
      stack: this.directory.stack,
      directory: this.directory.path,
      engine: this.#topology.engine,
      state: this.#state(services),
      supervisorPid: process.pid,
      startedAt: this.#startedAt.toISOString(),
      sites: [...this.sites],
      services,
      events: [...this.#events.past],
    };
  }

  /** Calls back with every event from now on; returns how to end that. */
  subscribe(listener: (event: StackEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  async #startSite(site: SiteSpec, children: readonly Child[]): Promise<void> {
    this.stopping.throwIfAborted();
    const own = children.filter((child) => child.spec.site === site.name);
    await Promise.all(
      own.filter((child) => order[child.spec.kind].start === 0).map((child) => child.start()),
    );
    const later = own.filter((child) => order[child.spec.kind].start === 1);
    const endpoints = this.sites.find((one) => one.site === site.name)!;
    // Relays and sinks wait for topics while they load; all else finds them there. On a cluster that is not ours, nothing
    // begins before it is known that topics may be made.
    const provisioned = this.#provision(site, endpoints);
    const started = later.map(async (child) => {
      const waits = child.spec.kind !== 'relay' && child.spec.kind !== 'sink';
      if (waits || site.cluster) await provisioned;
      this.stopping.throwIfAborted();
      await child.start();
    });
    await Promise.all([provisioned, ...started]);
  }

  async #provision(site: SiteSpec, endpoints: SiteEndpoints, before?: SiteSpec): Promise<void> {
    try {
      for (const message of await provisionSite(site, endpoints, before))
        this.#events.site(site.name, message);
    } catch (thrown) {
      const cause = DdsError.from(thrown);
      // What is to be done is not in a log of ours then.
      const code = cause.code === 'DDS_NOT_ALLOWED' ? cause.code : 'DDS_STACK_START';
      throw new DdsError(code, `topics of ${site.name}: ${cause.message}`, { cause });
    }
  }

  #followExternal(): void {
    if (!this.stopping.aborted)
      this.#external.follow(this.sites.filter(({ engine }) => engine === 'external'));
  }

  #child(spec: ServiceSpec): Child {
    const { env, clock } = this.#options;
    return new Child(spec, {
      ...{ logFile: this.directory.logFile(spec.service), env, clock },
      onChange: (child, message) => {
        this.#events.service(child, message);
        if (child.pid !== null) this.#record();
      },
    });
  }

  async #stopAll(): Promise<void> {
    await Promise.all([this.stopServices(this.children), this.#external.stop()]);
    await this.#recording;
  }

  #state(services: readonly ServiceStatus[]): StackStatus['state'] {
    if (this.stopping.aborted) return 'stopping';
    if (!this.#started) return 'starting';
    return services.every(isWell) ? 'ready' : 'degraded';
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

  /** A log that cannot be moved away, as on a full disk, goes on growing: the stack is not to end for that. */
  #rotateLog(child: Child): void {
    try {
      child.rotateLog();
    } catch (error) {
      const { service } = child.spec;
      this.#options.log.warn({ service, err: String(error) }, 'cannot move the log of a service away');
    }
  }

  /** What is wrong with a service is noted also while nobody asks. */
  async #lookAround(clock: Clock): Promise<void> {
    while (!this.stopping.aborted) {
      await clock.sleep(lookEveryMs, this.stopping);
      for (const child of this.children) this.#rotateLog(child);
      if (!this.stopping.aborted) await this.status();
    }
  }
}
