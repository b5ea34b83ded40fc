import type { DdsErrorBody } from '../../errors/index.ts';
import type { SiteAccess } from '../../shared/access.ts';
import type { EngineKind } from '../topology/index.ts';
import type { StackChange } from './changes.ts';

export type { EngineKind } from '../topology/index.ts';
export type SiteRole = 'edge' | 'central';

/** Where a site's parts can be reached. What dds starts listens on 127.0.0.1. */
export interface SiteEndpoints {
  site: string;
  role: SiteRole;
  engine: EngineKind;
  /** For programs of this machine. */
  brokers: string[];
  /** For programs of other sites: the listener behind the WAN link. */
  wanBrokers: string[];
  registryUrl: string;
  /** How to get in where an address is not enough; secrets are only named. */
  access?: SiteAccess | null;
  store: StoreEndpoints | null;
}

/** Where a site's database is. */
export type StoreEndpoints =
  | { kind: 'duckdb'; path: string }
  /** Contact points are host:port. */
  | { kind: 'cassandra'; contactPoints: string[]; localDataCenter: string; keyspace: string };

export type ServiceKind = 'site' | 'relay' | 'sink' | 'detector' | 'notifier' | 'job' | 'fleet';
export type ServiceState = 'starting' | 'ready' | 'backoff' | 'stopping' | 'stopped' | 'failed';

export interface ServiceStatus {
  /** `<site>/<part>`: `edge-1/site`, `edge-1/sink`, `central/relay`. */
  service: string;
  site: string;
  kind: ServiceKind;
  /** A cluster that dds did not start is `ready` or `unreachable`. */
  state: ServiceState | 'unreachable';
  pid: number | null;
  restarts: number;
  uptimeMs: number | null;
  /** Resident memory; null where the system does not tell. */
  rssBytes: number | null;
  /** CPU time used so far by the current process, user and system. */
  cpuMs: number | null;
  /** Where the service's HTTP API listens, when it has one. */
  http: string | null;
  /** What the service itself says (its `info()`); null while it does not answer. */
  info: unknown;
  lastError: string | null;
}

/** What can happen to a service: it entered a state, or it runs and something is wrong with it, or that is over. */
export type PastEventKind = Exclude<ServiceState, 'backoff'> | 'crashed' | 'degraded' | 'recovered';

/** Something that happened to a service of the stack. */
export interface PastEvent {
  /** Counts from 1 in the life of a supervisor. */
  id: number;
  /** ISO 8601. */
  time: string;
  service: string;
  kind: PastEventKind;
  message: string;
}

/** The answer of `dds status --json`. */
export interface StackStatus {
  stack: string;
  /** Absolute path of `.dds/<stack>`. */
  directory: string;
  engine: EngineKind;
  state: 'starting' | 'ready' | 'degraded' | 'stopping';
  supervisorPid: number;
  startedAt: string;
  sites: SiteEndpoints[];
  services: ServiceStatus[];
  /** What happened last, oldest first. */
  events: PastEvent[];
}

/** One line of what `dds up` tells while it starts; NDJSON on the control API. */
export type StackEvent =
  | { type: 'service'; service: string; state: ServiceState; message: string; elapsedMs: number }
  /** What `up` has made sure of before it starts anything. */
  | { type: 'check'; site: string; message: string; elapsedMs: number }
  | { type: 'plan'; changes: StackChange[] }
  | { type: 'ready'; status: StackStatus }
  | { type: 'failed'; error: DdsErrorBody };
