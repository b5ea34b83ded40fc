import type { Clock } from '../../../shared/clock.ts';
import { deadLetterSuffix } from '../../../shared/dead-letters.ts';
import { topicMatcher } from '../../../shared/topic-pattern.ts';
import type { Admin, TopicDescription } from '../../kafka/index.ts';
import type { TableMode } from './topic-table.ts';

export interface FollowedTopic {
  name: string;
  /** '' where the cluster does not tell. */
  id: string;
  partitions: number[];
  /** How to keep it, when it isn't known yet. */
  mode: TableMode;
}

/** Lists the topics that a sink is to store, again and again, beside its loop. */
export class TopicFollower {
  readonly #admin: Admin;
  readonly #clock: Clock;
  readonly #wanted: (name: string) => boolean;
  readonly #modes = new Map<string, TableMode>();
  #latest: FollowedTopic[] | null = null;
  /** Why the last listing failed. */
  problem: Error | null = null;

  constructor(admin: Admin, clock: Clock, topics: readonly string[], exclude: readonly string[]) {
    this.#admin = admin;
    this.#clock = clock;
    const matches = topicMatcher(topics, exclude);
    this.#wanted = (name) => !name.endsWith(deadLetterSuffix) && matches(name);
  }

  /** What is known of topics from the store, so that their configs need not be asked for. */
  know(topic: string, mode: TableMode): void {
    this.#modes.set(topic, mode);
  }

  async list(): Promise<FollowedTopic[]> {
    const topics = (await this.#admin.listTopics()).filter(({ name }) => this.#wanted(name));
    const followed: FollowedTopic[] = [];
    for (const topic of topics) followed.push(await this.#describe(topic));
    return followed;
  }

  /** Until the signal aborts. */
  async run(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(everyMs, signal);
      if (signal.aborted) return;
      try {
        this.#latest = await this.list();
        this.problem = null;
      } catch (error) {
        this.problem = error as Error;
      }
    }
  }

  /** The listing since the last call; null when there is none. */
  take(): FollowedTopic[] | null {
    const latest = this.#latest;
    this.#latest = null;
    return latest;
  }

  async #describe({ name, id, partitions }: TopicDescription): Promise<FollowedTopic> {
    let mode = this.#modes.get(name);
    if (!mode) {
      const { 'cleanup.policy': policy = 'delete' } = await this.#admin.topicConfigs(name);
      mode = policy.split(',').some((part) => part.trim() === 'compact') ? 'latest' : 'append';
      this.#modes.set(name, mode);
    }
    return { name, id: id ?? '', partitions: partitions.map(({ partition }) => partition), mode };
  }
}
