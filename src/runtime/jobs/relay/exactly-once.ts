import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { DdsError } from '../../../errors/index.ts';
import { aborted } from '../../../shared/aborted.ts';
import { type BatchReport, isFenced, type TransactionalProducer } from '../../kafka/index.ts';
import { deadLetterTopic, type Letter } from './dead-letter.ts';
import { type Delivery, type DeliveryOptions, isFull } from './delivery.ts';
import { type Owner, type Position, positionKey } from './positions.ts';
import { refusalOf } from './refusals.ts';
import type { SourcePartition } from './source-partition.ts';

/** Between the commits of records: each costs a few requests, and markers in every partition it touched. */
const commitEveryMs = 20;
/** Between commits of positions that moved without records. */
const idleCommitMs = 1000;
/** A target that does not answer for this long gets a new producer, once it answers again. */
const deliveryTimeoutMs = 20_000;
/** How long readers of the target wait behind a transaction of a relay that is gone, and none follows it. */
const transactionTimeoutMs = 60_000;
/** Who takes over says so at once. */
const claimMs = 1000;
/** So that trouble that stays does not keep a core busy. */
const renewAfterMs = 100;
/** The tag of what is no record of a partition. */
const noOffset = Number.NaN;

export interface ExactlyOnceOptions extends DeliveryOptions {
  /** Who else has it does the same work. */
  transactionalId: string;
}

/**
 * Records and the positions behind them become visible together, or not at all: one transaction after the other. What
 * the target refuses aborts the transaction, and all that was in it is fetched again; after an error that leaves open what
 * became of it, a new producer ends it and the positions are read back.
 */
export class ExactlyOnce implements Delivery {
  outlet: TransactionalProducer;
  waitingSinceMs: number | null = null;
  readonly #options: ExactlyOnceOptions;
  readonly #me: Owner = { instance: randomUUID(), host: hostname(), pid: process.pid };
  /** Partitions with a dead letter in the transaction: one at most, for they wait for it to be committed or not. */
  readonly #buried = new Set<SourcePartition>();
  readonly #letters: { partition: SourcePartition; letter: Letter }[] = [];
  #added = 0;
  #committedAtMs = Number.NEGATIVE_INFINITY;
  /** The first thing refused since the transaction began. */
  #refused: Error | null = null;
  /** What became of the transaction is not known. */
  #broken: Error | null = null;

  constructor(options: ExactlyOnceOptions) {
    this.#options = options;
    this.outlet = this.#producer();
  }

  #producer(): TransactionalProducer {
    const { target, transactionalId } = this.#options;
    const made: TransactionalProducer = target.producer({
      ...{ transactionalId, transactionTimeoutMs, deliveryTimeoutMs, lingerMs: 2 },
      onBatch: (report) => {
        if (report.error && made === this.outlet) this.#onFailure(report, report.error);
      },
    });
    return made;
  }

  get pollMs(): number {
    if (this.#added === 0 && this.#letters.length === 0) return 500;
    return Math.max(1, this.#committedAtMs + commitEveryMs - this.#options.clock.monotonic());
  }

  get pendingRecords(): number {
    return this.#added;
  }

  async open(signal: AbortSignal): Promise<Map<string, Position>> {
    const { store } = this.#options;
    try {
      await this.outlet.close(AbortSignal.abort());
      this.outlet = this.#producer();
      this.#refused = null;
      // This also ends what a predecessor left open, so nothing is missing from the positions.
      await this.outlet.start();
      const { positions } = await store.load(signal);
      this.outlet.begin();
      store.claim(this.outlet, this.#me, noOffset);
      await this.outlet.commit();
      this.outlet.begin();
      this.#broken = null;
      return positions;
    } catch (error) {
      if (!isFenced(error)) throw error;
      await this.#checkOwner(error as DdsError, signal);
      throw new DdsError('DDS_FAILED', (error as Error).message, { cause: error });
    }
  }

  /** A transaction that was open for too long is fenced like one that another relay took over: only the latter is the end. */
  async #checkOwner(fenced: DdsError, signal: AbortSignal): Promise<void> {
    const { store, clock, transactionalId } = this.#options;
    await clock.sleep(claimMs, signal);
    const { owner } = await store.load(signal);
    // A look that was broken off has not seen who came last.
    if (signal.aborted || owner?.instance === this.#me.instance) return;
    const who = owner ? ` (process ${owner.pid} on ${owner.host})` : '';
    throw new DdsError('DDS_FENCED', `another relay does the same work now${who}: ${transactionalId}`, {
      hint: 'Stop one of the two, or give one another --name and other topics.',
      details: fenced.details ?? {},
      cause: fenced,
    });
  }

  added(count: number): void {
    if (count === 0) return;
    this.#added += count;
    this.waitingSinceMs ??= this.#options.clock.monotonic();
  }

  bury(partition: SourcePartition, letter: Letter): void {
    this.#letters.push({ partition, letter });
  }

  async turn(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    if (this.#broken) return this.#renew(signal);
    if (!this.#refused) {
      const now = clock.monotonic();
      const hasWork = this.#added > 0 || this.#letters.length > 0;
      const everyMs = hasWork ? commitEveryMs : idleCommitMs;
      if (now < this.#committedAtMs + everyMs && !isFull(this.outlet)) return;
      this.#committedAtMs = now;
    }
    try {
      if (!this.#refused) await this.#commit();
    } catch (error) {
      // What was refused is known from the report of its batch.
      if (!this.#refused) this.#broken ??= error as Error;
    }
    if (signal.aborted) return;
    if (this.#broken) return this.#renew(signal);
    if (this.#refused) await this.#abort(signal);
  }

  async #commit(): Promise<void> {
    const { store, partitions, events } = this.#options;
    for (const { partition, letter } of this.#letters.splice(0)) this.#append(partition, letter);
    const moved = [...partitions()].filter((one) => one.tracker.end !== one.savedOffset);
    if (moved.length === 0 && this.#added === 0) return;
    const positions = moved.map((one) => one.positionAt(one.tracker.end));
    for (const position of positions) store.append(this.outlet, position, noOffset);
    await this.outlet.commit();
    this.#added = 0;
    this.waitingSinceMs = null;
    this.outlet.begin();
    for (const [i, one] of moved.entries()) {
      one.savedOffset = positions[i]!.offset;
      const count = one.tracker.commit(one.savedOffset);
      const letters = this.#buried.delete(one) ? 1 : 0;
      one.counts.deadLetters += letters;
      events.onDelivered(one, count - letters);
      if (one.state === 'settling') events.onSettled(one);
    }
  }

  #append(partition: SourcePartition, letter: Letter): void {
    if (partition.state !== 'burying' || partition.nextFetch !== letter.offset) return;
    const { topic, offset, timestamp, key, value, headers } = letter;
    this.outlet.append(topic, letter.partition, key, value, timestamp, headers, -1 - offset);
    partition.tracker.add(offset + 1, 1);
    partition.nextFetch = offset + 1;
    this.#buried.add(partition);
    this.#options.events.onReady(partition);
  }

  #onFailure({ topic, partition: number, tags, count }: BatchReport, error: Error): void {
    // The others of the transaction fail with the error of the first.
    if (error === this.#refused) return;
    this.#refused ??= error;
    if (!refusalOf(error)) {
      this.#broken ??= error;
      return;
    }
    const { events, targetPartition } = this.#options;
    const letter = [...this.#buried].find(
      (one) => deadLetterTopic(one.topic.target) === topic && one.partition === number,
    );
    if (letter && tags.some((tag) => tag < 0)) {
      events.onUnburied(letter, error);
      return;
    }
    const partition = targetPartition(topic, number);
    const offset = tags[0]!;
    if (!partition || Number.isNaN(offset)) return;
    partition.failure ??= { error, offset, count, end: tags[count - 1]! + 1, restartAt: -1 };
    events.onRefused(partition);
  }

  async #abort(signal: AbortSignal): Promise<void> {
    try {
      await this.outlet.abort();
      this.outlet.begin();
    } catch (error) {
      this.#broken = error as Error;
      return this.#renew(signal);
    }
    this.#refused = null;
    this.#rollBack(() => -1);
  }

  /** Forgets what was in the transaction; the partitions go on from their positions. */
  #rollBack(saved: (partition: SourcePartition) => number): void {
    const { partitions, events } = this.#options;
    this.#added = 0;
    this.#letters.length = 0;
    this.#buried.clear();
    this.waitingSinceMs = null;
    for (const one of partitions()) {
      const { tracker, nextFetch, state } = one;
      tracker.rollBack();
      const position = Math.max(tracker.position, saved(one));
      if (position !== tracker.position) tracker.restart(position);
      one.nextFetch = position;
      if (one.failure) {
        one.failure.restartAt = position;
        events.onSettled(one);
      } else if (position !== nextFetch || state === 'settling' || state === 'burying') events.onReady(one);
    }
  }

  /** A new producer, however long the target takes to answer; then the positions are what it has. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    log.warn(
      { error: this.#broken?.message },
      'a transaction ended in an error; going on with a new producer',
    );
    await clock.sleep(renewAfterMs, signal);
    let fenced = isFenced(this.#broken) ? (this.#broken as DdsError) : null;
    for (let waitMs = 50; !signal.aborted; waitMs = Math.min(1000, waitMs * 2)) {
      try {
        if (fenced) await this.#checkOwner(fenced, signal);
        fenced = null;
        const positions = await this.open(signal);
        if (signal.aborted) return;
        for (const one of this.#options.partitions()) one.failure = null;
        this.#rollBack((one) => positions.get(positionKey(one.positionAt(0)))?.offset ?? -1);
        return;
      } catch (error) {
        if (isFenced(error)) throw error;
        await clock.sleep(waitMs, signal);
      }
    }
  }

  async close(idle: Promise<unknown>, limit: AbortSignal): Promise<void> {
    const finish = async () => {
      try {
        await idle;
        if (!this.#broken && !this.#refused && this.outlet.inTransaction) await this.#commit();
      } finally {
        await this.outlet.close();
      }
    };
    await Promise.race([finish().catch(() => undefined), aborted(limit)]);
    await this.outlet.close(AbortSignal.abort());
  }
}
