import { setTimeout as sleep } from 'node:timers/promises';
import type { DdsError } from '../../../errors/index.ts';
import type { Logger } from '../../../shared/logger.ts';
import { endOf } from './container-end.ts';
import type { ContainerSpec } from './container-spec.ts';
import { unless } from './containers.ts';
import { followLog } from './follow-log.ts';
import type { Docker } from './runtime.ts';

export interface WatchedInfo {
  part: string;
  container: string;
  image: string;
  state: 'starting' | 'running' | 'restarting';
  ports: number[];
  /** As Docker counts it; null until it is known. */
  memoryBytes: number | null;
  restarts: number;
  /** Why it ended last. */
  lastError: string | null;
}

export interface WatchedOptions {
  id: string;
  spec: ContainerSpec;
  site: string;
  docker: Docker;
  log: Logger;
}

const memoryEveryMs = 10_000;
/** Waits before each start after the container ended; the last one goes on. */
const delaysMs = [200, 1_000, 3_000, 10_000];
/** Who has run for this long begins with the shortest wait again. */
const steadyMs = 60_000;

/** A container that is looked after: its output goes to our log, and when it ends it is started again, with its data. */
export class WatchedContainer {
  readonly #options: WatchedOptions;
  readonly #over = new AbortController();
  #state: WatchedInfo['state'] = 'starting';
  #memoryBytes: number | null = null;
  #restarts = 0;
  #failures = 0;
  #lastError: string | null = null;

  constructor(options: WatchedOptions) {
    this.#options = options;
    const { docker, id, spec, log } = options;
    void followLog(docker, id, log.child({ part: spec.part }), this.#over.signal);
    void this.#measure();
  }

  info(): WatchedInfo {
    const { spec } = this.#options;
    return {
      ...{ part: spec.part, container: spec.name, image: spec.image, state: this.#state },
      ports: spec.ports.map(({ host }) => host),
      ...{ memoryBytes: this.#memoryBytes, restarts: this.#restarts, lastError: this.#lastError },
    };
  }

  /** Resolves with how it ended, should it end; never, when the signal aborts. */
  async firstEnd(signal: AbortSignal): Promise<DdsError> {
    const error = await this.#end();
    if (signal.aborted) await new Promise(() => undefined);
    return error;
  }

  /** From now on it is started again whenever it ends. */
  keepRunning(): void {
    this.#state = 'running';
    void this.#keep();
  }

  /** Leaves it to itself. */
  release(): void {
    this.#over.abort();
  }

  async #keep(): Promise<void> {
    const { docker, id, spec, log } = this.#options;
    const { signal } = this.#over;
    while (!signal.aborted) {
      const began = performance.now();
      const error = await this.#end();
      if (signal.aborted) return;
      this.#failures = performance.now() - began > steadyMs ? 1 : this.#failures + 1;
      this.#state = 'restarting';
      this.#lastError = error.message;
      log.warn(
        { container: spec.name, log: error.details?.log },
        `${error.message}; starts again in ${this.#delayMs} ms`,
      );
      await this.#startAgain();
      if (signal.aborted) return;
      this.#restarts++;
      this.#state = 'running';
      void followLog(docker, id, log.child({ part: spec.part }), signal, Date.now());
    }
  }

  get #delayMs(): number {
    return delaysMs[Math.min(this.#failures, delaysMs.length) - 1]!;
  }

  /** Resolves when it runs, however long it takes: Docker itself may be away. */
  async #startAgain(): Promise<void> {
    const { docker, id, spec, log } = this.#options;
    const { signal } = this.#over;
    for (;;) {
      await sleep(this.#delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        return void (await docker.getContainer(id).start().catch(unless(304)));
      } catch (failed) {
        this.#failures++;
        this.#lastError = `${spec.part} cannot be started again: ${(failed as Error).message}`;
        log.error({ container: spec.name }, this.#lastError);
      }
    }
  }

  /** Resolves when it does not run (any more). */
  async #end(): Promise<DdsError> {
    const { docker, id, spec, site } = this.#options;
    await docker
      .getContainer(id)
      .wait({ abortSignal: this.#over.signal })
      .catch(() => undefined);
    return endOf(docker, id, spec, site);
  }

  async #measure(): Promise<void> {
    const { docker, id } = this.#options;
    const { signal } = this.#over;
    while (!signal.aborted) {
      const stats = await docker
        .getContainer(id)
        .stats({ stream: false, 'one-shot': true })
        .catch(() => null);
      const { usage, stats: parts } = stats?.memory_stats ?? {};
      // What the kernel can take back at any time is not counted, as docker stats does.
      if (usage) this.#memoryBytes = usage - (parts?.inactive_file ?? parts?.total_inactive_file ?? 0);
      await sleep(memoryEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
