import type { PastEvent, ServiceKind, ServiceStatus, SiteRole, StackStatus } from '../../stack/types.ts';
import type { GroupSummary } from '../groups/list-groups.ts';

/** A service's state; `silent` when it runs and does not answer, `degraded` when it says that something is wrong. */
export type TopState = ServiceStatus['state'] | 'silent' | 'degraded';

/** What every process of the stack uses. Figures that are not known, or not yet, are null. */
export interface TopProcess {
  service: string;
  state: TopState;
  /** What is wrong, in words. */
  trouble: string | null;
  pid: number | null;
  restarts: number;
  uptimeMs: number | null;
  rssBytes: number | null;
  /** Of one core, since the look before. */
  cpuPercent: number | null;
}

/** Per second, since the look before. */
export interface TopTraffic {
  recordsInPerSecond: number | null;
  bytesInPerSecond: number | null;
  recordsOutPerSecond: number | null;
  bytesOutPerSecond: number | null;
}

export interface TopSite extends TopProcess, TopTraffic {
  site: string;
  role: SiteRole;
  /** Since its process started. */
  recordsIn: number | null;
  recordsOut: number | null;
  /** What its topics take on disk. */
  logBytes: number | null;
  /** What its database takes on disk. */
  storeBytes: number | null;
}

/** A relay's view of one of its sources. */
export interface TopLink {
  source: string;
  target: string;
  /** The relay. */
  service: string;
  /** `starting`, `connected`, `unreachable` or `stalled` (a connection and no answer on it); the relay's own state while it does not tell. */
  state: string;
  trouble: string | null;
  recordsPerSecond: number | null;
  bytesPerSecond: number | null;
  /** As last heard from the source. */
  lagRecords: number;
  lagSeconds: number;
}

export interface TopJob extends TopProcess {
  site: string;
  kind: Exclude<ServiceKind, 'site'>;
  /** Records that it relays, stores, works on or sends. */
  recordsPerSecond: number | null;
  lagRecords: number | null;
  lagSeconds: number | null;
}

export interface TopGroup extends GroupSummary {
  site: string;
}

/** One look at a stack: a line of `dds top --json`. */
export interface TopSnapshot {
  /** ISO 8601. */
  time: string;
  stack: string;
  /** `down`: no supervisor runs; `silent`: it does not answer. All else is as it was last seen then, or empty. */
  state: StackStatus['state'] | 'down' | 'silent';
  /** Why there is nothing to see. */
  problem: string | null;
  /** Of its sites: `embedded`, or `embedded and external`. */
  engine: string | null;
  supervisorPid: number | null;
  /** Over all sites and services. */
  totals: TopTraffic & { rssBytes: number; cpuPercent: number | null };
  sites: TopSite[];
  links: TopLink[];
  jobs: TopJob[];
  groups: TopGroup[];
  /** Sites whose groups are not known now, and why. */
  groupProblems: { site: string; message: string }[];
  /** Oldest first. */
  events: PastEvent[];
}
