import { DdsError } from '../../../errors/index.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { Admin, Kafka } from '../../kafka/index.ts';

/** Configs that a topic made at the target takes over. Never `message.timestamp.type`: timestamps are kept. */
const copiedConfigs = [
  'cleanup.policy',
  'retention.ms',
  'retention.bytes',
  'segment.ms',
  'segment.bytes',
  'max.message.bytes',
  'delete.retention.ms',
  'min.compaction.lag.ms',
  'max.compaction.lag.ms',
  'min.cleanable.dirty.ratio',
];

/** The topics of the target cluster, which all sources write to: each is made or grown by one of them at a time. */
export class TargetTopics {
  readonly #admin: Admin;
  readonly #log: Logger;
  readonly #partitions = new Map<string, number>();
  readonly #queues = new Map<string, Promise<void>>();

  constructor(admin: Admin, log: Logger) {
    this.#admin = admin;
    this.#log = log;
  }

  /** Resolves when the topic exists with at least that many partitions. */
  ensure(topic: string, partitions: number, configs: () => Promise<Record<string, string>>): Promise<void> {
    if ((this.#partitions.get(topic) ?? 0) >= partitions) return Promise.resolve();
    const before = this.#queues.get(topic) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(() => this.#ensure(topic, partitions, configs));
    this.#queues.set(topic, mine);
    return mine;
  }

  /** The topic may have been deleted: look again next time. */
  forget(topic: string): void {
    this.#partitions.delete(topic);
  }

  async #ensure(
    topic: string,
    partitions: number,
    configs: () => Promise<Record<string, string>>,
  ): Promise<void> {
    let existing = this.#partitions.get(topic) ?? (await this.#count(topic));
    if (existing === 0) {
      const all = await configs();
      const kept = Object.fromEntries(Object.entries(all).filter(([name]) => copiedConfigs.includes(name)));
      const made = await this.#admin.createTopics([{ name: topic, partitions, configs: kept }]);
      if (made.length > 0)
        this.#log.info({ topic, partitions, configs: kept }, 'topic created at the target');
      existing = await this.#count(topic);
    }
    if (existing < partitions) {
      await this.#admin.createPartitions(topic, partitions);
      this.#log.info({ topic, from: existing, to: partitions }, 'partitions added at the target');
      existing = partitions;
    }
    this.#partitions.set(topic, existing);
  }

  async #count(topic: string): Promise<number> {
    try {
      return (await this.#admin.describeTopics([topic]))[0]?.partitions.length ?? 0;
    } catch (error) {
      if (error instanceof DdsError && error.code === 'DDS_UNKNOWN_TOPIC') return 0;
      throw error;
    }
  }
}

/** Resolves when the cluster answers, however long that takes; `onFailure` hears of every attempt in vain. */
export async function untilConnected(
  kafka: Kafka,
  clock: Clock,
  signal: AbortSignal,
  onFailure: (error: Error) => void,
): Promise<void> {
  for (let waitMs = 50; !signal.aborted; waitMs = Math.min(1000, waitMs * 2)) {
    try {
      await kafka.connect();
      return;
    } catch (error) {
      if (signal.aborted) return;
      onFailure(error as Error);
      await clock.sleep(waitMs, signal);
    }
  }
}
