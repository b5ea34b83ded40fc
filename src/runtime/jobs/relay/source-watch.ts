import type { Admin, TopicDescription } from '../../kafka/index.ts';
import type { SourceOptions } from './source-options.ts';
import type { SourceState } from './types.ts';

/** A source that doesn't answer for this long hangs. */
const answerLimitMs = 10_000;

export interface SourceWatchOptions extends Pick<SourceOptions, 'clock' | 'log' | 'matches' | 'names'> {
  /** While it hangs, whoever waits for an attempt waits no longer. */
  onTried(): void;
}

/** Asks a source for its topics, and knows from that whether it is there. */
export class SourceWatch {
  state: SourceState = 'starting';
  /** Why it is not connected. */
  error: string | null = null;
  readonly #admin: Admin;
  readonly #options: SourceWatchOptions;
  /** Topics that were left out because they are copies; each is told once. */
  readonly #loops = new Set<string>();

  constructor(admin: Admin, options: SourceWatchOptions) {
    this.#admin = admin;
    this.#options = options;
  }

  /** Those of its topics that are wanted; null when it does not answer. */
  async topics(signal: AbortSignal): Promise<TopicDescription[] | null> {
    const { clock, onTried } = this.#options;
    const answered = new AbortController();
    const patience = clock.sleep(answerLimitMs, AbortSignal.any([signal, answered.signal])).then(() => {
      if (signal.aborted || answered.signal.aborted) return;
      this.#setState('stalled', `no answer for ${answerLimitMs / 1000} s`);
      onTried();
    });
    try {
      const topics = await this.#admin.listTopics();
      this.#setState('connected', null);
      return topics.filter(({ name }) => this.#isWanted(name));
    } catch (error) {
      if (!signal.aborted) this.#setState(stateAfter(error), (error as Error).message);
      return null;
    } finally {
      answered.abort();
      await patience;
    }
  }

  #isWanted(topic: string): boolean {
    const { matches, names } = this.#options;
    if (!matches(topic)) return false;
    if (!names.isLoop(topic)) return true;
    if (!this.#loops.has(topic))
      this.#options.log.warn(
        { topic },
        'topic is not followed: by its name it is a copy of one of the target',
      );
    this.#loops.add(topic);
    return false;
  }

  #setState(state: SourceState, error: string | null): void {
    if (state !== this.state) {
      if (state === 'connected') this.#options.log.info({ state }, 'source answers');
      else this.#options.log.warn({ state, error }, 'source does not answer');
    }
    this.state = state;
    this.error = error;
  }
}

/** The port says the same of a broker that refuses and of one that keeps silent; only the reason in its message differs. */
export function stateAfter(error: unknown): SourceState {
  const silent = error instanceof Error && /no answer (in|to)|ETIMEDOUT/.test(error.message);
  return silent ? 'stalled' : 'unreachable';
}
