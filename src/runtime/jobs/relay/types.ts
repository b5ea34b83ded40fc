import type { Registry } from 'prom-client';
import type { SiteCluster } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';

/** The brokers are the site's as seen from here: its WAN listener. */
export interface RelaySourceSpec extends SiteCluster {
  site: string;
}

export interface RelayOptions extends SiteCluster {
  /** The site this relay runs at and writes to. */
  site: string;
  sources: readonly RelaySourceSpec[];
  /** Names, globs, `/regular expressions/`. */
  topics: readonly string[];
  exclude?: readonly string[];
  /** What to do with a schema id that the source's registry doesn't know: hold the partition, or pass the bytes as they are. */
  schemas?: 'strict' | 'lenient';
  /** How often sources are asked for new topics and partitions, ms. Default 5000. */
  refreshMs?: number;
  metrics: Registry;
  log: Logger;
  clock?: Clock;
}

/**
 * `starting` until the first answer, `unreachable` when connecting fails, `stalled` when there is a connection but no
 * answer on it.
 */
export type SourceState = 'starting' | 'connected' | 'unreachable' | 'stalled';

export type HoldReason =
  | 'schema-unknown'
  | 'schema-rejected'
  | 'registry-unreachable'
  | 'record-rejected'
  | 'source-error';

/** Why a partition stands still; it is tried again by itself. */
export interface HoldInfo {
  topic: string;
  partition: number;
  /** The first record that is not relayed. */
  offset: number;
  reason: HoldReason;
  message: string;
  /** ISO 8601. */
  since: string;
}

export interface RelayTopicInfo {
  topic: string;
  partitions: number;
  relayedRecords: number;
  lagRecords: number;
  /** Of the partition that is furthest behind. */
  lagSeconds: number;
}

export interface RelaySourceInfo {
  source: string;
  state: SourceState;
  /** Why it is not connected. */
  error: string | null;
  relayedRecords: number;
  relayedBytes: number;
  /** Records that the source had deleted before they could be relayed. */
  lostRecords: number;
  /** Records read and not acknowledged by the target yet. */
  pendingRecords: number;
  /** As last heard from the source. */
  lagRecords: number;
  lagSeconds: number;
  /** ISO 8601; null before the first record. */
  lastProgressAt: string | null;
  held: HoldInfo[];
  topics: RelayTopicInfo[];
}

export interface RelayInfo {
  site: string;
  target: 'starting' | 'connected' | 'unreachable';
  sources: RelaySourceInfo[];
}
