import type { Clock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Child } from './child.ts';
import { EventHistory } from './event-history.ts';
import type { PastEvent, PastEventKind, StackEvent } from './types.ts';

export interface StackEventsOptions {
  clock: Clock;
  log: Logger;
  /** When `up` began, ms since the epoch: events count from there. */
  beganAt: number;
}

/** What happens in a stack: to the log, into the history, and to those who follow. */
export class StackEvents {
  readonly #options: StackEventsOptions;
  readonly #history = new EventHistory();
  readonly #listeners = new Set<(event: StackEvent) => void>();

  constructor(options: StackEventsOptions) {
    this.#options = options;
  }

  /** The last ones, oldest first. */
  get past(): readonly PastEvent[] {
    return this.#history.events;
  }

  /** Calls back with every event from now on; returns how to end that. */
  subscribe(listener: (event: StackEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Into the history alone. */
  note(service: string, kind: PastEventKind, message: string): void {
    this.#history.add(new Date(this.#options.clock.now()), service, kind, message);
  }

  /** A service has gone over to another state. */
  service({ spec: { service }, state, pid }: Child, message: string): void {
    const level = state === 'backoff' || state === 'failed' ? 'warn' : 'info';
    this.#options.log[level]({ pid }, `${service} ${message}`);
    this.note(service, state === 'backoff' ? 'crashed' : state, message);
    this.#tell({ type: 'service', service, state, message, elapsedMs: this.#elapsedMs() });
  }

  /** What was found out about a site. */
  site(site: string, message: string): void {
    this.#options.log.info({ site }, message);
    this.#tell({ type: 'check', site, message, elapsedMs: this.#elapsedMs() });
  }

  /** A cluster that dds did not start went away, or came back. */
  external(site: string, trouble: string | null): void {
    const message = trouble ?? 'answers again';
    this.#options.log.warn({ site }, `${site}/site ${message}`);
    this.note(`${site}/site`, trouble === null ? 'recovered' : 'degraded', message);
  }

  #elapsedMs(): number {
    return Date.now() - this.#options.beganAt;
  }

  #tell(event: StackEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
