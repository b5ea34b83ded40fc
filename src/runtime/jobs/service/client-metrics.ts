import { Counter, Gauge, type Registry } from 'prom-client';
import type { TopicConsumerOptions, TopicProducerOptions } from '../../clients/index.ts';

interface Named {
  readonly name: string;
}

/** What producers and consumers of a service did, by topic; it goes on counting when the body runs again. */
export class ClientMetrics {
  readonly #sent: Counter;
  readonly #failed: Counter;
  readonly #consumed: Counter;
  readonly #deadLetters: Counter;
  /** By topic, those that run now. */
  readonly #producers = new Map<string, { readonly pending: number }>();
  readonly #consumers = new Map<string, { readonly lag: number }>();

  constructor(register: Registry) {
    const counter = (name: string, help: string) =>
      new Counter({ name: `dds_${name}`, help, labelNames: ['topic'], registers: [register] });
    this.#sent = counter('producer_records_total', 'Records acknowledged.');
    this.#failed = counter('producer_failed_total', 'Records given up.');
    this.#consumed = counter('consumer_records_total', 'Records handed out.');
    this.#deadLetters = counter('consumer_dead_letters_total', 'Records set aside.');
    const gauge = (name: string, help: string, read: () => [topic: string, value: number][]) =>
      new Gauge({
        ...{ name: `dds_${name}`, help, labelNames: ['topic'], registers: [register] },
        collect() {
          for (const [topic, value] of read()) this.set({ topic }, value);
        },
      });
    gauge('producer_pending_records', 'Records that are not acknowledged yet.', () =>
      [...this.#producers].map(([topic, { pending }]) => [topic, pending]),
    );
    gauge('consumer_lag_records', 'Records still to come.', () =>
      [...this.#consumers].map(([topic, { lag }]) => [topic, lag]),
    );
  }

  ofProducer({ name: topic }: Named, options: TopicProducerOptions = {}): TopicProducerOptions {
    return {
      ...options,
      onBatch: (report) => {
        (report.error ? this.#failed : this.#sent).inc({ topic }, report.count);
        options.onBatch?.(report);
      },
    };
  }

  ofConsumer<K, V>(options: TopicConsumerOptions<K, V>): TopicConsumerOptions<K, V> {
    const topic = options.topic.name;
    return {
      ...options,
      onBatch: (records) => {
        this.#consumed.inc({ topic }, records);
        options.onBatch?.(records);
      },
      onDeadLetter: (record, reason) => {
        this.#deadLetters.inc({ topic });
        options.onDeadLetter?.(record, reason);
      },
    };
  }

  followProducer<T extends { readonly topic: Named; readonly pending: number }>(producer: T): T {
    this.#producers.set(producer.topic.name, producer);
    return producer;
  }

  followConsumer<T extends { readonly lag: number }>({ name }: Named, consumer: T): T {
    this.#consumers.set(name, consumer);
    return consumer;
  }
}
