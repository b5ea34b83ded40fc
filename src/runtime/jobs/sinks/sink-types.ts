import type { SiteAccess } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';
import type { KafkaSettings } from '../../kafka/index.ts';
import type { SinkStore, StoreInfo } from './store.ts';

export interface SinkOptions {
  site: string;
  kafka: KafkaSettings;
  registryUrl: string;
  access?: SiteAccess | undefined;
  /** Opened and closed by the sink. */
  store: SinkStore;
  /** Names, globs or `/regex/`. */
  topics: readonly string[];
  exclude: readonly string[];
  log: Logger;
  clock?: Clock;
  /** How often the topics are listed anew, ms. Default 2000. */
  followMs?: number;
}

/** A latency in ms, from the intended time to the committed row. */
export interface LatencySummary {
  count: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  meanMs: number;
  /** Rows that were committed before they were intended: the clocks disagree. */
  negative: number;
}

export interface TopicInfo {
  topic: string;
  table: string | null;
  /** Counted since the process started. */
  rows: number;
  bytes: number;
  duplicates: number;
  deadLetters: number;
  /** Records that retention removed before they were stored. */
  lost: number;
  lagRecords: number;
  lagSeconds: number;
}

/** What a sink says of itself: `/info`, and the summary of `dds status`. */
export interface SinkInfo {
  kind: 'sink';
  site: string;
  store: StoreInfo;
  state: 'starting' | 'following' | 'paused' | 'stopped';
  /** Why it is paused or not getting on, one line. */
  trouble: string | null;
  /** Why its brokers can't be reached, one line. */
  unreachable: string | null;
  partitions: number;
  rows: number;
  duplicates: number;
  deadLetters: number;
  lost: number;
  lagRecords: number;
  lagSeconds: number;
  commits: number;
  latency: LatencySummary;
  topics: TopicInfo[];
}
