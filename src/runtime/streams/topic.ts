import type { Header } from '../kafka/index.ts';
import type { Serde } from './serde.ts';

/** A record as a timestamp extractor sees it. */
export interface TopicRecord<K, V> {
  key: K | null;
  value: V | null;
  /** ms since the epoch, as Kafka has it. */
  timestamp: number;
  headers: readonly Header[];
}

/** A topic with the types of its keys and values. */
export interface Topic<K, V> {
  readonly name: string;
  readonly key: Serde<K>;
  readonly value: Serde<V>;
  /** The last record of a key counts: for whoever creates the topic, and for the reader. */
  readonly compacted?: boolean;
  /** The time of a record, ms; default Kafka's. A negative one drops the record, and counts it. */
  readonly timestamp?: (record: TopicRecord<K, V>, partitionTime: number) => number;
}

/** Describes a topic. It is not created: whoever owns it does that. */
export function topic<K, V>(name: string, options: Omit<Topic<K, V>, 'name'>): Topic<K, V> {
  return { name, ...options };
}
