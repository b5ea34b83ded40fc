import type { Logger } from '../../../shared/logger.ts';
import { brokerPorts, type SiteSpec } from '../../topology/index.ts';
import type { SitePart } from '../site-process.ts';
import { type ContainerSpec, hashOf } from './container-spec.ts';
import {
  type FoundContainer,
  findContainers,
  removeContainer,
  startContainer,
  unless,
} from './containers.ts';
import type { DockerStack } from './docker-stack.ts';
import { joinNetwork, leaveNetwork } from './network.ts';
import { waitUntilReady } from './readiness.ts';
import type { DockerRuntime } from './runtime.ts';
import { siteContainers } from './site-containers.ts';
import { WatchedContainer, type WatchedInfo } from './watched-container.ts';

export interface ContainerGroupOptions {
  site: SiteSpec;
  stack: DockerStack;
  runtime: DockerRuntime;
  log: Logger;
  note(message: string): void;
}

/** Kafka takes this long at most to close its logs and hand its partitions over. */
const graceSeconds = 15;

/**
 * The containers of a site: those that run already and are what is wanted are taken over, others are replaced. Brokers and
 * database start together, the registry when the brokers answer.
 */
export class ContainerGroup implements SitePart {
  readonly name = 'containers';
  readonly brokers: string[];
  readonly #options: ContainerGroupOptions;
  readonly #watched: WatchedContainer[] = [];
  /** Volumes that this start has made, until it succeeds: nothing of a start that fails stays. */
  #fresh: string[] = [];
  #starting: Promise<void> = Promise.resolve();
  #isStarted = false;
  #stopped: Promise<void> | null = null;

  constructor(options: ContainerGroupOptions) {
    this.#options = options;
    this.brokers = brokerPorts(options.site).map(({ kafka }) => `127.0.0.1:${kafka}`);
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#starting = this.#startAll(signal);
    await this.#starting;
    this.#fresh = [];
    this.#isStarted = true;
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  /** Containers of a start that is not over are removed: nobody may know of all that it made. */
  async leave(): Promise<void> {
    if (!this.#isStarted) return this.stop();
    for (const container of this.#watched) container.release();
  }

  info(): WatchedInfo[] {
    return this.#watched.map((container) => container.info());
  }

  async #startAll(signal: AbortSignal): Promise<void> {
    const { site, stack, runtime } = this.#options;
    const specs = siteContainers(site, stack);
    const present = await findContainers(runtime.docker, stack, site.name);
    const wanted = new Map(specs.map((spec) => [spec.part, hashOf(spec)]));
    const stale = present.filter(({ part, hash }) => wanted.get(part) !== hash);
    await Promise.all(stale.map(({ id }) => removeContainer(runtime.docker, id, graceSeconds)));
    const network = await joinNetwork(runtime.docker, stack);
    await this.#noteFresh(specs);
    const kept = present.filter((container) => !stale.includes(container));
    const failed = new AbortController();
    const all = AbortSignal.any([signal, failed.signal]);
    const start = (spec: ContainerSpec) =>
      this.#startOne(spec, kept, network, all).catch((error: unknown) => failed.abort(error));
    for (const isLast of [false, true]) {
      await Promise.all(specs.filter(({ part }) => (part === 'registry') === isLast).map(start));
      // The first that fails is the answer. The others are given up with it: none is still being made, to be left behind.
      failed.signal.throwIfAborted();
    }
  }

  async #startOne(
    spec: ContainerSpec,
    kept: readonly FoundContainer[],
    network: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { site, stack, runtime, log, note } = this.#options;
    signal.throwIfAborted();
    const began = performance.now();
    const found = kept.find(({ part }) => part === spec.part);
    if (found && !found.running) await runtime.docker.getContainer(found.id).start().catch(unless(304));
    const id = found?.id ?? (await startContainer(runtime, spec, stack, site.name, network));
    const watched = new WatchedContainer({ id, spec, site: site.name, docker: runtime.docker, log });
    this.#watched.push(watched);
    signal.throwIfAborted();
    const over = new AbortController();
    const ended = watched.firstEnd(over.signal).then((error) => Promise.reject(error));
    try {
      await Promise.race([ended, waitUntilReady(spec, site, AbortSignal.any([signal, over.signal]))]);
    } finally {
      over.abort();
      ended.catch(() => undefined);
    }
    signal.throwIfAborted();
    watched.keepRunning();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    note(`${spec.part} ${found?.running ? 'was running' : `ready after ${seconds} s`} (${spec.image})`);
  }

  async #noteFresh(specs: readonly ContainerSpec[]): Promise<void> {
    const { docker } = this.#options.runtime;
    const names = specs.flatMap(({ volume }) => volume?.name ?? []);
    const there = await Promise.all(
      names.map((name) =>
        docker
          .getVolume(name)
          .inspect()
          .then(() => true, unless(404)),
      ),
    );
    this.#fresh = names.filter((_, index) => !there[index]);
  }

  async #stopAll(): Promise<void> {
    const { site, stack, runtime } = this.#options;
    const { docker } = runtime;
    for (const container of this.#watched) container.release();
    // A container that is being made has to be there before it can be removed.
    await this.#starting.catch(() => undefined);
    for (const container of this.#watched) container.release();
    const grace = this.#fresh.length > 0 ? 0 : graceSeconds;
    const left = await findContainers(docker, stack, site.name);
    await Promise.all(left.map(({ id }) => removeContainer(docker, id, grace)));
    for (const name of this.#fresh) await docker.getVolume(name).remove().catch(unless(404));
    await leaveNetwork(docker, stack);
  }
}
