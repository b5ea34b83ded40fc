import type { Registry } from 'prom-client';
import type { SiteCluster } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Logger } from '../../../shared/logger.ts';

/** The brokers are the site's as seen from here: its WAN listener. */
export interface RelaySourceSpec extends SiteCluster {
  site: string;
}

export type DeliveryMode = 'exactly-once' | 'at-least-once';

export interface RelayOptions extends SiteCluster {
  /** Tells relays of one site apart. Of those with the same name, site and source one runs: a newer fences an older. Default `relay`. */
  name?: string;
  /** Default `exactly-once`. */
  delivery?: DeliveryMode;
  /** The site this relay runs at and writes to. */
  site: string;
  sources: readonly RelaySourceSpec[];
  /** Names, globs, `/regular expressions/`. */
  topics: readonly string[];
  exclude?: readonly string[];
  /** What to do with a schema id that the source's registry doesn't know: hold the partition, or pass the bytes as they are. */
  schemas?: 'strict' | 'lenient';
  /** What becomes of a record that the target refuses, or whose schema cannot be translated. Default `hold`. */
  onError?: 'hold' | 'dead-letter';
  /** Names at the target: `same` (default), or a template with `{topic}` and perhaps `{site}`. */
  names?: string;
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
  | 'not-allowed'
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
  /** Records that went to a dead-letter topic. */
  deadLetters: number;
  /** Records read and not yet at the target for good. */
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
  delivery: DeliveryMode;
  target: 'starting' | 'connected' | 'unreachable';
  sources: RelaySourceInfo[];
}
