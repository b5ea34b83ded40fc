import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { FetchedPartition, FetchResult } from '../../kafka/index.ts';
import { type AvroDecoder, type RegistryClient, readWireId } from '../../serde/index.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { FollowedPartition, FollowedPartitions } from './followed-partitions.ts';
import type { LatencyHistogram } from './latency.ts';
import { Round } from './round.ts';
import type { SinkStore } from './store.ts';
import type { TopicTable } from './topic-table.ts';

export interface RecordWriterOptions {
  store: SinkStore;
  followed: FollowedPartitions;
  decoder: AvroDecoder;
  registry: RegistryClient;
  deadLetters: DeadLetters;
  latency: LatencyHistogram;
  clock: Clock;
  log: Logger;
}

/** Gathers fetched records in a transaction of the store, and commits them with their positions. */
export class RecordWriter {
  readonly #options: RecordWriterOptions;
  #round = new Round();
  commits = 0;
  /** Seconds that a commit took, for the metrics. */
  onCommit: (seconds: number) => void = () => undefined;

  constructor(options: RecordWriterOptions) {
    this.#options = options;
  }

  /** True while there is something to commit. */
  get isOpen(): boolean {
    return this.#options.store.inTransaction;
  }

  /** Bytes of records in the open transaction. */
  get bytes(): number {
    return this.#round.bytes;
  }

  /** Puts the records into the open transaction, or opens one. */
  async add(result: FetchResult): Promise<void> {
    const { store, followed, clock } = this.#options;
    const filled: [FetchedPartition, FollowedPartition, TopicTable][] = [];
    for (const fetched of result.partitions) {
      const one = followed.of(fetched.topic, fetched.partition);
      if (one) filled.push([fetched, one, await this.#tableFor(fetched, one)]);
    }
    if (!store.inTransaction) await store.begin();
    const now = clock.now();
    for (const [fetched, { filler }, table] of filled) {
      filler.fill(fetched, await store.rows(table), this.#round, now);
    }
  }

  /** Commits what is in the open transaction; does nothing without one. After an error nothing is known: `discard()`. */
  async commit(): Promise<void> {
    const { store, deadLetters, latency, clock } = this.#options;
    if (!store.inTransaction) return;
    const round = this.#round;
    await deadLetters.write(round.deadLetters);
    const startedAt = clock.monotonic();
    await store.commit();
    this.onCommit((clock.monotonic() - startedAt) / 1000);
    latency.record(round.intended, round.rows, clock.now() * 1000);
    round.settle();
    this.commits++;
    this.#round = new Round();
  }

  /** Forgets what was gathered; the store has to `recover()`. */
  discard(): void {
    this.#round = new Round();
  }

  /** The topic's table, with the columns and plans of all schemas that the records were written with. */
  async #tableFor({ topic, records }: FetchedPartition, { mode }: FollowedPartition): Promise<TopicTable> {
    const { store, decoder } = this.#options;
    const table = store.table(topic, mode);
    let known = -1;
    while (records.next()) {
      const value = records.value();
      const id = value === null ? null : readWireId(value);
      if (id === null || id === known) continue;
      const plan = table.plans.get(id);
      // An id that was not registered is asked for again when the decoder has forgotten that.
      if (plan === undefined || (typeof plan === 'string' && !decoder.cached(id)))
        await this.#learn(table, id);
      known = id;
    }
    records.rewind();
    return table;
  }

  async #learn(table: TopicTable, id: number): Promise<void> {
    const { store, decoder, registry, log } = this.#options;
    const writer = await decoder.load(id);
    const references = await registry.referencedTexts(writer.registered?.references ?? []);
    // Columns are added outside of a transaction: databases refuse to alter a table with rows in flight.
    await this.commit();
    const unknown = writer.registered === null;
    await store.learn(table, writer, references);
    log.info({ topic: table.topic, table: table.name, schema: id, unknown }, 'schema learned');
  }
}
