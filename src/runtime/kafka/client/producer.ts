import { DdsError } from '../../../errors/index.ts';
import { aborted } from '../../../shared/aborted.ts';
import { kafkaErrorName, produce, type ResponseOf } from '../../protocol/index.ts';
import type { Header, Producer, ProducerOptions } from '../port.ts';
import { BatchFates } from './batch-fates.ts';
import type { Cluster } from './cluster.ts';
import { isUnreachable, kafkaError, producerFenced } from './errors.ts';
import { PartitionQueue } from './partition-queue.ts';
import type { PendingCount } from './pending-count.ts';
import { outcomesOf, produceRequest, type Sent } from './produce-request.ts';
import { ProducerIdentity } from './producer-identity.ts';
import { ProducerRoutes } from './producer-routes.ts';
import { type ProducerSettings, producerSettings } from './producer-settings.ts';
import type { TransactionHooks } from './transaction.ts';
import { WakeTimer } from './wake-timer.ts';

/** Up to this version of Produce a partition is added to a transaction before. */
const V1_PRODUCE = 11;
/** Beyond it topics have ids instead of names. */
const LAST_PRODUCE_BY_NAME = 12;
/** Before a batch goes under a new id. */
const PAUSE_MS = 200;

/** The producer over our own codec: appends to open batches, one Produce request per broker with what is due. */
export class BatchProducer implements Producer {
  readonly #cluster: Cluster;
  readonly #options: ProducerSettings;
  readonly #topics = new Map<string, PartitionQueue[]>();
  readonly #identity: ProducerIdentity;
  readonly #fates: BatchFates;
  readonly #busy: Set<PartitionQueue>;
  readonly #pending: PendingCount;
  readonly #routes: ProducerRoutes;
  readonly #timer: WakeTimer;
  #flushing = 0;
  #closed = false;
  readonly #hooks: TransactionHooks | null;
  constructor(cluster: Cluster, options: ProducerOptions = {}, hooks: TransactionHooks | null = null) {
    this.#cluster = cluster;
    cluster.parts.add(this);
    this.#hooks = hooks;
    this.#timer = new WakeTimer(cluster.clock, () => this.#send());
    this.#options = producerSettings(options, hooks !== null);
    this.#identity = new ProducerIdentity(cluster, this.#options.idempotent, hooks?.transaction ?? null);
    this.#fates = new BatchFates(cluster, this.#options, {
      onBatch: options.onBatch,
      onFailure: hooks && ((error) => hooks.onFailure(error)),
    });
    this.#busy = this.#fates.busy;
    this.#pending = this.#fates.pending;
    this.#routes = new ProducerRoutes(cluster, this.#busy, () => this.#send());
  }

  get pendingRecords(): number {
    return this.#pending.records;
  }

  get pendingBytes(): number {
    return this.#pending.bytes;
  }

  start(): Promise<void> {
    return this.#identity.open();
  }

  async partitionCount(topic: string): Promise<number> {
    if (!this.#cluster.topic(topic)) await this.#cluster.describe([topic]);
    return this.#cluster.topic(topic)?.partitions.length ?? 0;
  }

  append(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestampMs: number,
    headers: readonly Header[] | null,
    tag: number,
  ): void {
    if (this.#hooks && !this.#hooks.isOpen())
      throw new DdsError('DDS_BUG', 'append() outside of a transaction');
    const queue = this.#topics.get(topic)?.[partition] ?? this.#queueFor(topic, partition);
    this.#pending.add(1, (key?.length ?? 0) + (value?.length ?? 0));
    const outcome = queue.append(
      key,
      value,
      timestampMs,
      headers,
      tag,
      this.#options.batchBytes,
      this.#cluster.clock,
    );
    if (outcome === 'added') return;
    this.#busy.add(queue);
    this.#timer.wakeIn(outcome === 'filled' ? 0 : this.#options.lingerMs);
  }

  #queueFor(topic: string, partition: number): PartitionQueue {
    if (this.#closed) throw new DdsError('DDS_BUG', 'the producer is closed');
    let queues = this.#topics.get(topic);
    if (!queues) {
      queues = [];
      this.#topics.set(topic, queues);
    }
    const queue = new PartitionQueue(topic, partition);
    queues[partition] = queue;
    return queue;
  }

  /** Sends all that is due, and sets the timer for what is not. */
  #send(): void {
    if (this.#closed || this.#busy.size === 0) return;
    const nowMs = this.#cluster.clock.monotonic();
    const { lingerMs, deliveryTimeoutMs, maxInFlight } = this.#options;
    // KIP-890: the broker itself refuses what is not the first of such a transaction.
    const isFirstAlone = !this.#hooks?.transaction.isV2;
    const candidates = new Map<number, PartitionQueue[]>();
    const due = new Set<number>();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    let isLeaderless = false;
    for (const queue of this.#busy) {
      this.#fates.expire(queue, nowMs - deliveryTimeoutMs);
      const { oldestMs } = queue;
      if (oldestMs === undefined) continue;
      wakeAtMs = Math.min(wakeAtMs, oldestMs + deliveryTimeoutMs + 1);
      if (nowMs < queue.notBeforeMs) wakeAtMs = Math.min(wakeAtMs, queue.notBeforeMs);
      if (!queue.canSend(nowMs, maxInFlight, isFirstAlone)) continue;
      if (this.#hooks && !this.#admits(this.#hooks, queue)) continue;
      if (queue.needsNewId) {
        this.#identity.forget();
        queue.notBeforeMs = nowMs + PAUSE_MS;
      }
      const leader = this.#cluster.leader(queue.topic, queue.partition);
      if (leader < 0) {
        isLeaderless = true;
        continue;
      }
      const ripeAtMs = queue.isUrgent || this.#flushing > 0 ? nowMs : oldestMs + lingerMs;
      // Timers may come up to a millisecond early.
      if (ripeAtMs <= nowMs + 0.5) due.add(leader);
      else wakeAtMs = Math.min(wakeAtMs, ripeAtMs);
      const queues = candidates.get(leader);
      if (queues) queues.push(queue);
      else candidates.set(leader, [queue]);
    }
    if (isLeaderless) this.#routes.refresh();
    if (this.#identity.isMissing && due.size > 0) {
      this.#identity.reopen(() => this.#send());
      return;
    }
    // What is not yet due rides along with what is: one request per broker.
    let isMoreDue = false;
    for (const leader of due) {
      const queues = candidates.get(leader)!;
      const wasSent = this.#sendTo(leader, queues, nowMs);
      isMoreDue ||=
        wasSent && queues.some((queue) => queue.isUrgent && queue.canSend(nowMs, maxInFlight, isFirstAlone));
    }
    if (isMoreDue) this.#send();
    else if (wakeAtMs < Number.POSITIVE_INFINITY) this.#timer.wakeIn(Math.max(0, wakeAtMs - nowMs));
  }

  #admits({ transaction, isOpen, onFailure }: TransactionHooks, queue: PartitionQueue): boolean {
    if (!isOpen()) return false;
    const isIn = transaction.admits(queue.topic, queue.partition, (error) => {
      if (error) {
        onFailure(error);
        this.#fates.giveUpRest(error);
      }
      this.#send();
    });
    if (isIn && transaction.session) queue.adopt(transaction.session);
    return isIn;
  }

  /** Gives up all that is pending; resolves when nothing is on its way. True when a sequence has a gap now. */
  protected async giveUp(error: Error): Promise<boolean> {
    this.#fates.giveUpRest(error);
    await this.below(1);
    this.#fates.takeFailure();
    return this.#fates.takeGap();
  }

  /** Sends the next batch of each queue in one request; false when that has to wait. */
  #sendTo(nodeId: number, queues: PartitionQueue[], nowMs: number): boolean {
    const lane = this.#routes.laneTo(nodeId);
    const connection = lane.link.current;
    if (!connection) {
      this.#routes.connect(lane);
      return false;
    }
    if (lane.inFlight >= this.#options.maxInFlight) return false;
    const transaction = this.#hooks?.transaction ?? null;
    const session = this.#identity.current;
    const sent: Sent[] = queues.map((queue) => ({
      queue,
      ...queue.take(session, this.#options.compression, transaction !== null),
    }));
    for (const { batch } of sent) if (batch.attempts === 1) batch.sentAtMs = nowMs;
    const { acks } = this.#options;
    const transactionalId = transaction?.settings.transactionalId ?? null;
    const body = produceRequest(sent, { acks, timeoutMs: this.#cluster.requestTimeoutMs, transactionalId });
    const maxVersion = transaction && !transaction.isV2 ? V1_PRODUCE : LAST_PRODUCE_BY_NAME;
    if (acks === 0) {
      connection.notify(produce, body, { maxVersion });
      for (const { queue, batch } of sent) this.#fates.acknowledge(queue, batch, -1);
      return true;
    }
    lane.inFlight++;
    connection
      .request(produce, body, { maxVersion })
      .then(
        (answer) => this.#onAnswer(sent, answer),
        (error: Error) => this.#onLost(sent, error),
      )
      .finally(() => {
        lane.inFlight--;
        this.#send();
      });
    return true;
  }

  #onAnswer(sent: Sent[], answer: ResponseOf<typeof produce>): void {
    const nowMs = this.#cluster.clock.monotonic();
    let isStale = false;
    const isTransactional = this.#hooks !== null;
    const outcomes = outcomesOf(sent, answer, this.#options.idempotent, isTransactional);
    for (const [i, outcome] of outcomes.entries()) {
      const { queue, batch } = sent[i]!;
      if (outcome.kind === 'written') this.#fates.acknowledge(queue, batch, outcome.baseOffset);
      else if (outcome.kind === 'retry') {
        isStale ||= outcome.isStale;
        queue.retry(batch, nowMs);
      } else {
        queue.abandon(batch);
        const hooks = this.#hooks;
        if (outcome.isFenced && !hooks) this.#identity.forget();
        const error =
          outcome.isFenced && hooks
            ? producerFenced(hooks.transaction.settings.transactionalId, kafkaErrorName(outcome.code))
            : kafkaError(outcome.code, `producing to ${queue.topic}/${queue.partition}`);
        this.#fates.giveUp(queue, batch, error);
      }
    }
    if (isStale) this.#routes.refresh();
  }

  #onLost(sent: Sent[], error: Error): void {
    const nowMs = this.#cluster.clock.monotonic();
    for (const { queue, batch } of sent) {
      if (isUnreachable(error) && !this.#closed && !queue.isFailing) {
        queue.retry(batch, nowMs);
      } else {
        queue.abandon(batch);
        this.#fates.giveUp(queue, batch, error);
      }
    }
    this.#routes.refresh();
  }

  below(records: number): Promise<void> {
    return this.#pending.below(records);
  }

  async flush(): Promise<void> {
    this.#flushing++;
    this.#send();
    try {
      await this.below(1);
    } finally {
      this.#flushing--;
    }
    const failure = this.#fates.takeFailure();
    if (failure) throw failure;
  }

  async close(signal?: AbortSignal): Promise<void> {
    if (this.#closed) return;
    try {
      if (!signal) await this.flush();
      else if (!signal.aborted) await Promise.race([this.flush(), aborted(signal)]);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#closed = true;
    this.#cluster.parts.delete(this);
    this.#timer.stop();
    this.#routes.close();
    this.#fates.end(new DdsError('DDS_FAILED', 'the producer was closed before the broker acknowledged'));
  }
}
