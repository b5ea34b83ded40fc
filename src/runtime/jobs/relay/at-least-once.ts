import { aborted } from '../../../shared/aborted.ts';
import type { BatchReport, Producer } from '../../kafka/index.ts';
import type { Letter } from './dead-letter.ts';
import { type Delivery, type DeliveryOptions, isFull } from './delivery.ts';
import type { Position } from './positions.ts';
import type { SourcePartition } from './source-partition.ts';

/** What is under way is bounded, so it may wait for the target as long as that takes; a timer can't do more than 24 days. */
const aboutForEverMs = 2_000_000_000;
const saveEveryMs = 1000;

/** Records go at once, and the positions follow their acknowledgements once a second: a restart repeats what came between. */
export class AtLeastOnce implements Delivery {
  readonly outlet: Producer;
  readonly pollMs = 500;
  waitingSinceMs: number | null = null;
  readonly #options: DeliveryOptions;
  readonly #letters: Producer;
  #savedAtMs = 0;
  #saving: Promise<void> | null = null;
  #burying: Promise<unknown> = Promise.resolve();

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.outlet = options.target.producer({
      idempotent: true,
      lingerMs: 2,
      // A sink takes a record that arrives behind later ones of its partition for a duplicate: the order has to hold.
      failTogether: true,
      deliveryTimeoutMs: aboutForEverMs,
      onBatch: (report) => this.#onBatch(report),
    });
    this.#letters = options.target.producer({ lingerMs: 0 });
  }

  get pendingRecords(): number {
    return this.outlet.pendingRecords;
  }

  async open(signal: AbortSignal): Promise<Map<string, Position>> {
    await this.outlet.start();
    return (await this.#options.store.load(signal)).positions;
  }

  added(count: number): void {
    if (count > 0) this.waitingSinceMs ??= this.#options.clock.monotonic();
  }

  bury(partition: SourcePartition, letter: Letter): void {
    const { offset } = letter;
    const { events } = this.#options;
    const written = this.#burying.then(() => this.#write(letter));
    this.#burying = written.catch(() => undefined);
    written.then(
      () => {
        if (partition.state !== 'burying') return;
        partition.counts.deadLetters++;
        partition.tracker.add(offset + 1, 0);
        partition.nextFetch = offset + 1;
        events.onDelivered(partition, 0);
        events.onReady(partition);
      },
      (error: Error) => events.onUnburied(partition, error),
    );
  }

  /** One after the other: a flush fails for whatever is under way. */
  #write({ topic, partition, key, value, timestamp, headers, offset }: Letter): Promise<void> {
    this.#letters.append(topic, partition, key, value, timestamp, headers, offset);
    return this.#letters.flush();
  }

  async turn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const now = clock.monotonic();
    if (!this.#saving && now >= this.#savedAtMs + saveEveryMs) {
      this.#savedAtMs = now;
      this.#saving = this.#save().finally(() => {
        this.#saving = null;
      });
    }
    while (isFull(this.outlet) && !signal.aborted) await clock.sleep(5, signal);
  }

  async #save(): Promise<void> {
    const { store, partitions, log } = this.#options;
    const moved = [...partitions()].filter((one) => one.tracker.position !== one.savedOffset);
    const positions = moved.map((one) => one.positionAt(one.tracker.position));
    try {
      await store.save(positions);
      for (const [i, one] of moved.entries()) one.savedOffset = positions[i]!.offset;
    } catch (error) {
      log.warn({ error: (error as Error).message }, 'positions could not be saved; a restart repeats more');
    }
  }

  #onBatch(report: BatchReport): void {
    const { clock, events, targetPartition } = this.#options;
    const partition = targetPartition(report.topic, report.partition);
    if (!partition) return;
    const { tracker } = partition;
    if (report.error) {
      tracker.fail(report.tags, report.count);
      const offset = report.tags[0]!;
      const end = report.tags[report.count - 1]! + 1;
      if (offset === tracker.failedAt)
        partition.failure = { error: report.error, offset, count: report.count, end, restartAt: offset };
      events.onRefused(partition);
    } else {
      tracker.acknowledge(report.tags, report.count);
      // The producer counts this batch as pending until the report returns.
      this.waitingSinceMs = this.pendingRecords > report.count ? clock.monotonic() : null;
      events.onDelivered(partition, report.count);
    }
    if (tracker.pending === 0 && partition.state === 'settling') events.onSettled(partition);
  }

  async close(idle: Promise<unknown>, limit: AbortSignal): Promise<void> {
    const finish = async () => {
      await Promise.all([idle, this.#saving]);
      await this.outlet.flush().catch(() => undefined);
      await this.#save();
    };
    await Promise.race([finish(), aborted(limit)]);
    await Promise.all([this.outlet, this.#letters].map((producer) => producer.close(limit)));
  }
}
