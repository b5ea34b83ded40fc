import { DdsError } from '../../../errors/index.ts';
import { initProducerId, kafkaErrorName, produce, type ResponseOf } from '../../protocol/index.ts';
import type { BatchReport, Header, Producer, ProducerOptions } from '../port.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import { isUnreachable, kafkaError, producerFenced } from './errors.ts';
import { PartitionQueue } from './partition-queue.ts';
import type { PendingBatch, ProducerSession } from './pending-batch.ts';
import { PendingCount } from './pending-count.ts';
import { outcomesOf, produceRequest, type Sent } from './produce-request.ts';
import type { Transaction } from './transaction.ts';
import { WakeTimer } from './wake-timer.ts';

/** One broker: a connection of our own and the requests under way on it. */
interface Lane {
  link: BrokerLink;
  inFlight: number;
  isConnecting: boolean;
}

/** What makes a producer a transactional one. */
export interface TransactionHooks {
  readonly transaction: Transaction;
  isOpen(): boolean;
  /** A batch was given up: the transaction cannot be committed any more. */
  onFailure(error: Error): void;
}

/** Up to this version of Produce a partition is added to a transaction before. */
const V1_PRODUCE = 11;
/** Beyond it topics have ids instead of names. */
const LAST_PRODUCE_BY_NAME = 12;
/** Between questions to a cluster that does not know either. */
const PAUSE_MS = 200;
/** The producer over our own codec: appends to open batches, one Produce request per broker with what is due. */
export class BatchProducer implements Producer {
  readonly #cluster: Cluster;
  readonly #options: Required<Omit<ProducerOptions, 'onBatch'>>;
  readonly #onBatch: ((report: BatchReport) => void) | undefined;
  readonly #topics = new Map<string, PartitionQueue[]>();
  /** Queues that hold something not acknowledged. */
  readonly #busy = new Set<PartitionQueue>();
  readonly #lanes = new Map<number, Lane>();
  #session: ProducerSession | null = null;
  #opening: Promise<void> | null = null;
  readonly #pending = new PendingCount();
  readonly #timer: WakeTimer;
  #flushing = 0;
  #failure: Error | null = null;
  #refreshing = false;
  #reopening = false;
  #closed = false;
  readonly #hooks: TransactionHooks | null;
  /** Batches have left that will never be acknowledged. */
  #hasGap = false;

  constructor(cluster: Cluster, options: ProducerOptions = {}, hooks: TransactionHooks | null = null) {
    this.#cluster = cluster;
    this.#hooks = hooks;
    this.#timer = new WakeTimer(cluster.clock, () => this.#send());
    this.#onBatch = options.onBatch;
    const idempotent = hooks !== null || (options.idempotent ?? true);
    this.#options = {
      acks: idempotent ? -1 : (options.acks ?? -1),
      idempotent,
      lingerMs: options.lingerMs ?? 5,
      batchBytes: options.batchBytes ?? 256 * 1024,
      maxInFlight: Math.max(1, Math.min(options.maxInFlight ?? 5, idempotent ? 5 : Number.POSITIVE_INFINITY)),
      deliveryTimeoutMs: options.deliveryTimeoutMs ?? 120_000,
      compression: options.compression ?? 'none',
      failTogether: idempotent && (options.failTogether ?? false),
    };
  }

  get pendingRecords(): number {
    return this.#pending.records;
  }

  get pendingBytes(): number {
    return this.#pending.bytes;
  }

  start(): Promise<void> {
    return this.#open();
  }

  #open(): Promise<void> {
    if (!this.#options.idempotent) return this.#cluster.any().then(() => undefined);
    this.#opening ??= this.#initSession().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #initSession(): Promise<void> {
    if (this.#hooks) {
      this.#session = await this.#hooks.transaction.open();
      return;
    }
    this.#session = await this.#cluster.retrying(async () => {
      const connection = await this.#cluster.any();
      const answer = await connection.request(initProducerId, { transactionTimeoutMs: 60_000 });
      if (answer.errorCode !== 0) throw kafkaError(answer.errorCode, 'asking for a producer id');
      return { producerId: answer.producerId, epoch: answer.producerEpoch };
    });
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
    const { lingerMs, deliveryTimeoutMs, maxInFlight, idempotent } = this.#options;
    const candidates = new Map<number, PartitionQueue[]>();
    const due = new Set<number>();
    let wakeAtMs = Number.POSITIVE_INFINITY;
    let isLeaderless = false;
    for (const queue of this.#busy) {
      this.#expire(queue, nowMs - deliveryTimeoutMs);
      const { oldestMs } = queue;
      if (oldestMs === undefined) continue;
      wakeAtMs = Math.min(wakeAtMs, oldestMs + deliveryTimeoutMs + 1);
      if (nowMs < queue.notBeforeMs) wakeAtMs = Math.min(wakeAtMs, queue.notBeforeMs);
      if (!queue.canSend(nowMs, maxInFlight)) continue;
      if (this.#hooks && !this.#admits(this.#hooks, queue)) continue;
      if (queue.needsNewId) {
        this.#session = null;
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
    if (isLeaderless) this.#refresh();
    if (idempotent && !this.#session && due.size > 0) {
      this.#reopen();
      return;
    }
    // What is not yet due rides along with what is: one request per broker.
    let isMoreDue = false;
    for (const leader of due) {
      const queues = candidates.get(leader)!;
      const wasSent = this.#sendTo(leader, queues, nowMs);
      isMoreDue ||= wasSent && queues.some((queue) => queue.isUrgent && queue.canSend(nowMs, maxInFlight));
    }
    if (isMoreDue) this.#send();
    else if (wakeAtMs < Number.POSITIVE_INFINITY) this.#timer.wakeIn(Math.max(0, wakeAtMs - nowMs));
  }

  #admits({ transaction, isOpen, onFailure }: TransactionHooks, queue: PartitionQueue): boolean {
    if (!isOpen()) return false;
    const isIn = transaction.admits(queue.topic, queue.partition, (error) => {
      if (error) {
        onFailure(error);
        this.#failAll(error);
      }
      this.#send();
    });
    if (isIn && transaction.session) queue.adopt(transaction.session);
    return isIn;
  }

  /** Everything that is not on its way is given up. */
  #failAll(error: Error): void {
    this.#failure ??= error;
    for (const queue of [...this.#busy]) {
      for (const batch of queue.failRest()) {
        if (batch.attempts > 0) this.#hasGap = true;
        this.#done(queue, batch, -1, error);
      }
    }
  }

  /** Gives up all that is pending; resolves when nothing is on its way. True when a sequence has a gap now. */
  protected async giveUp(error: Error): Promise<boolean> {
    this.#failAll(error);
    await this.below(1);
    const hadGap = this.#hasGap;
    this.#hasGap = false;
    this.#failure = null;
    return hadGap;
  }

  /** Sends the next batch of each queue in one request; false when that has to wait. */
  #sendTo(nodeId: number, queues: PartitionQueue[], nowMs: number): boolean {
    const lane = this.#laneTo(nodeId);
    const connection = lane.link.current;
    if (!connection) {
      this.#connect(lane);
      return false;
    }
    if (lane.inFlight >= this.#options.maxInFlight) return false;
    const transaction = this.#hooks?.transaction ?? null;
    const session = transaction?.session ?? this.#session;
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
      for (const { queue, batch } of sent) this.#acknowledge(queue, batch, -1);
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

  #laneTo(nodeId: number): Lane {
    let lane = this.#lanes.get(nodeId);
    if (!lane) {
      lane = { link: this.#cluster.link(nodeId), inFlight: 0, isConnecting: false };
      this.#lanes.set(nodeId, lane);
    }
    return lane;
  }

  /** Opens the lane's connection; the link itself pauses between attempts. */
  #connect(lane: Lane): void {
    if (lane.isConnecting) return;
    lane.isConnecting = true;
    lane.link
      .connection()
      .catch(() => this.#refresh())
      .finally(() => {
        lane.isConnecting = false;
        this.#send();
      });
  }

  /** Asks who leads the busy partitions, and tries again then. */
  #refresh(): void {
    if (this.#refreshing || this.#closed) return;
    this.#refreshing = true;
    const topics = new Set([...this.#busy].map(({ topic }) => topic));
    this.#cluster
      .refresh(topics)
      .catch(() => undefined)
      .then(async () => {
        const isKnown = [...this.#busy].every(
          ({ topic, partition }) => this.#cluster.leader(topic, partition) >= 0,
        );
        if (!isKnown) await this.#cluster.clock.sleep(PAUSE_MS);
        this.#refreshing = false;
        this.#send();
      })
      .catch(() => undefined);
  }

  /** A new producer id, needed before anything can be sent. */
  #reopen(): void {
    if (this.#reopening) return;
    this.#reopening = true;
    this.#open()
      .catch(() => this.#cluster.clock.sleep(PAUSE_MS))
      .finally(() => {
        this.#reopening = false;
        this.#send();
      });
  }

  #onAnswer(sent: Sent[], answer: ResponseOf<typeof produce>): void {
    const nowMs = this.#cluster.clock.monotonic();
    let isStale = false;
    const isTransactional = this.#hooks !== null;
    const outcomes = outcomesOf(sent, answer, this.#options.idempotent, isTransactional);
    for (const [i, outcome] of outcomes.entries()) {
      const { queue, batch } = sent[i]!;
      if (outcome.kind === 'written') this.#acknowledge(queue, batch, outcome.baseOffset);
      else if (outcome.kind === 'retry') {
        isStale ||= outcome.isStale;
        queue.retry(batch, nowMs);
      } else {
        queue.abandon(batch);
        const hooks = this.#hooks;
        if (outcome.isFenced && !hooks) this.#session = null;
        const error =
          outcome.isFenced && hooks
            ? producerFenced(hooks.transaction.settings.transactionalId, kafkaErrorName(outcome.code))
            : kafkaError(outcome.code, `producing to ${queue.topic}/${queue.partition}`);
        this.#give(queue, batch, error);
      }
    }
    if (isStale) this.#refresh();
  }

  #onLost(sent: Sent[], error: Error): void {
    const nowMs = this.#cluster.clock.monotonic();
    for (const { queue, batch } of sent) {
      if (isUnreachable(error) && !this.#closed && !queue.isFailing) {
        queue.retry(batch, nowMs);
      } else {
        queue.abandon(batch);
        this.#give(queue, batch, error);
      }
    }
    this.#refresh();
  }

  #expire(queue: PartitionQueue, beforeMs: number): void {
    for (const batch of queue.expired(beforeMs)) {
      const { deliveryTimeoutMs } = this.#options;
      const { topic, partition } = queue;
      const known = this.#cluster.leader(topic, partition) >= 0;
      const message = `a batch of ${batch.count} for ${topic}/${partition} was not acknowledged in ${deliveryTimeoutMs} ms`;
      this.#give(
        queue,
        batch,
        known || batch.attempts > 0
          ? new DdsError('DDS_BROKER_UNREACHABLE', message)
          : new DdsError('DDS_UNKNOWN_TOPIC', `${message}: the cluster names no leader`),
      );
    }
  }

  #acknowledge(queue: PartitionQueue, batch: PendingBatch, baseOffset: number): void {
    queue.acknowledge(batch);
    this.#done(queue, batch, baseOffset, null);
  }

  #give(queue: PartitionQueue, batch: PendingBatch, error: Error): void {
    this.#failure ??= error;
    const behind = this.#options.failTogether ? queue.failRest() : [];
    this.#done(queue, batch, -1, error);
    for (const other of behind) this.#done(queue, other, -1, error);
    if (!this.#hooks) return;
    this.#hasGap = true;
    this.#hooks.onFailure(error);
    this.#failAll(error);
  }

  #done(queue: PartitionQueue, batch: PendingBatch, baseOffset: number, error: Error | null): void {
    if (queue.isIdle) this.#busy.delete(queue);
    this.#onBatch?.({
      topic: queue.topic,
      partition: queue.partition,
      baseOffset,
      count: batch.count,
      tags: batch.tags,
      sentAtMs: batch.sentAtMs,
      ackedAtMs: this.#cluster.clock.monotonic(),
      error,
    });
    this.#pending.remove(batch.count, batch.payloadBytes);
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
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
  }

  async close(signal?: AbortSignal): Promise<void> {
    if (this.#closed) return;
    try {
      if (!signal?.aborted) await Promise.race([this.flush(), aborted(signal)]);
    } finally {
      this.#end();
    }
  }

  #end(): void {
    this.#closed = true;
    this.#timer.stop();
    for (const { link } of this.#lanes.values()) link.close();
    const error = new DdsError('DDS_FAILED', 'the producer was closed before the broker acknowledged');
    for (const queue of this.#busy) {
      for (const batch of queue.expired(Number.POSITIVE_INFINITY)) this.#give(queue, batch, error);
    }
  }
}

/** Resolves when the signal aborts; never without one. */
function aborted(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
}
