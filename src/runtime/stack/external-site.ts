import { isDeepStrictEqual } from 'node:util';
import { DdsError } from '../../errors/index.ts';
import type { Clock } from '../../shared/clock.ts';
import { ClusterCheck } from './check-cluster.ts';
import type { ServiceStatus, SiteEndpoints } from './types.ts';

/** Often enough for a person who looks, and next to nothing for the cluster. */
const everyMs = 10_000;

/** What a cluster of others says of itself in `dds status`. */
export interface ExternalSiteInfo {
  external: true;
  /** null before the first answer. */
  brokers: number | null;
  /** ISO 8601; null before the first look. */
  checkedAt: string | null;
}

/** Looks now and then whether a cluster that dds did not start is there. It has no process. */
class ExternalSite {
  readonly endpoints: SiteEndpoints;
  readonly #clock: Clock;
  readonly #check: ClusterCheck;
  readonly #stopping = new AbortController();
  readonly #onChange: (trouble: string | null) => void;
  #trouble: string | null = null;
  #brokers: number | null = null;
  #checkedAt: string | null = null;

  /** `onChange` hears why it does not answer, and null when it does again. */
  constructor(endpoints: SiteEndpoints, clock: Clock, onChange: (trouble: string | null) => void) {
    this.endpoints = endpoints;
    this.#clock = clock;
    this.#check = new ClusterCheck(endpoints, clock);
    this.#onChange = onChange;
    void this.#watch();
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#check.close();
  }

  status(): ServiceStatus {
    const { site } = this.endpoints;
    const info: ExternalSiteInfo = { external: true, brokers: this.#brokers, checkedAt: this.#checkedAt };
    return {
      ...{ service: `${site}/site`, site, kind: 'site', info, http: null },
      state: this.#trouble === null ? 'ready' : 'unreachable',
      ...{ pid: null, restarts: 0, uptimeMs: null, rssBytes: null, cpuMs: null },
      lastError: this.#trouble,
    };
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#look();
      await this.#clock.sleep(everyMs, signal);
    }
  }

  async #look(): Promise<void> {
    const before = this.#trouble;
    try {
      const [brokers] = await Promise.all([this.#check.kafka(), this.#check.registry()]);
      this.#brokers = brokers;
      this.#trouble = null;
    } catch (thrown) {
      this.#trouble = DdsError.from(thrown).message;
    }
    if (this.#stopping.signal.aborted) return;
    this.#checkedAt = new Date(this.#clock.now()).toISOString();
    if (before !== this.#trouble) this.#onChange(this.#trouble);
  }
}

/** The sites of a stack that dds did not start. */
export class ExternalSites {
  readonly #clock: Clock;
  readonly #onChange: (site: string, trouble: string | null) => void;
  #sites: ExternalSite[] = [];

  constructor(clock: Clock, onChange: (site: string, trouble: string | null) => void) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /** Looks after these from now on, and after no others. */
  follow(wanted: readonly SiteEndpoints[]): void {
    const kept = this.#sites.filter(({ endpoints }) =>
      wanted.some((one) => isDeepStrictEqual(one, endpoints)),
    );
    for (const site of this.#sites) if (!kept.includes(site)) void site.stop();
    const known = (one: SiteEndpoints) => kept.find(({ endpoints }) => endpoints.site === one.site);
    this.#sites = wanted.map(
      (one) =>
        known(one) ?? new ExternalSite(one, this.#clock, (trouble) => this.#onChange(one.site, trouble)),
    );
  }

  statuses(): ServiceStatus[] {
    return this.#sites.map((site) => site.status());
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sites.map((site) => site.stop()));
  }
}
