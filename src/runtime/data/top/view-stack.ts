import { troublesOf } from '../../stack/service-trouble.ts';
import type { ServiceStatus, SiteEndpoints, StackStatus } from '../../stack/types.ts';
import type { CounterRates } from './counter-rates.ts';
import type { TopJob, TopLink, TopProcess, TopSite, TopSnapshot, TopState, TopTraffic } from './types.ts';

/** What services say of themselves, as far as it is looked at here. Another process has written it. */
type Info = Readonly<Record<string, unknown>>;

/** Gives the growth of a service's counter, per second. */
type Rate = (counter: string, value: unknown) => number | null;

/** What a status tells of sites, links and jobs. Rates are since the look before, which `rates` has. */
export function viewStack(
  { sites, services }: Pick<StackStatus, 'sites' | 'services'>,
  rates: CounterRates,
  /** Monotonic. */
  atMs: number,
  storeBytes: ReadonlyMap<string, number | null>,
  /** Of the look before: a relay that does not tell of its sources still has them. */
  linksBefore: readonly TopLink[],
): Pick<TopSnapshot, 'totals' | 'sites' | 'links' | 'jobs'> {
  rates.look();
  const seen = services.map((status) => {
    const rate: Rate = (counter, value) =>
      rates.perSecond(`${status.service} ${status.pid} ${counter}`, value, atMs);
    return { status, rate, process: processOf(status, rate) };
  });
  const shownSites = sites.flatMap((endpoints) => {
    const own = seen.find(({ status }) => status.kind === 'site' && status.site === endpoints.site);
    if (!own) return [];
    const bytes = storeBytes.get(endpoints.site) ?? null;
    return [siteOf(endpoints, own.process, infoOf(own.status), own.rate, bytes)];
  });
  const jobs = seen.flatMap(({ status, rate, process }): TopJob[] =>
    status.kind === 'site' ? [] : [jobOf({ ...status, kind: status.kind }, process, rate)],
  );
  const links = seen.flatMap(({ status, rate, process }) =>
    status.kind === 'relay' ? linksOf(status, process, rate, linksBefore) : [],
  );
  const total = (key: keyof TopTraffic) => sumOf(shownSites.map((site) => site[key]));
  return {
    totals: {
      recordsInPerSecond: total('recordsInPerSecond'),
      bytesInPerSecond: total('bytesInPerSecond'),
      recordsOutPerSecond: total('recordsOutPerSecond'),
      bytesOutPerSecond: total('bytesOutPerSecond'),
      rssBytes: sumOf(services.map(({ rssBytes }) => rssBytes)) ?? 0,
      cpuPercent: sumOf(seen.map(({ process }) => process.cpuPercent)),
    },
    ...{ sites: shownSites, links, jobs },
  };
}

function processOf(status: ServiceStatus, rate: Rate): TopProcess {
  const { service, pid, restarts, uptimeMs, rssBytes, cpuMs } = status;
  const cpuPerSecond = rate('cpu', cpuMs);
  const [trouble = null] = Object.values(troublesOf(status.info));
  const state = shownState(status, trouble);
  return {
    ...{ service, state, pid, restarts, uptimeMs, rssBytes },
    trouble:
      state === 'ready' ? null : (trouble ?? (state === 'silent' ? 'does not answer' : status.lastError)),
    cpuPercent: cpuPerSecond === null ? null : cpuPerSecond / 10,
  };
}

function shownState({ kind, state, info }: ServiceStatus, trouble: string | null): TopState {
  if (state !== 'ready' || kind === 'job') return state;
  if (info === null) return 'silent';
  return trouble === null ? state : 'degraded';
}

function siteOf(
  { site, role }: SiteEndpoints,
  process: TopProcess,
  info: Info,
  rate: Rate,
  storeBytes: number | null,
): TopSite {
  const broker = objectOr(info.broker);
  return {
    ...{ site, role },
    ...process,
    recordsInPerSecond: rate('recordsIn', broker.recordsIn),
    bytesInPerSecond: rate('bytesIn', broker.bytesIn),
    recordsOutPerSecond: rate('recordsOut', broker.recordsOut),
    bytesOutPerSecond: rate('bytesOut', broker.bytesOut),
    recordsIn: numberOr(broker.recordsIn),
    recordsOut: numberOr(broker.recordsOut),
    logBytes: numberOr(broker.bytes),
    storeBytes,
  };
}

function jobOf(status: ServiceStatus & { kind: TopJob['kind'] }, process: TopProcess, rate: Rate): TopJob {
  const { site, kind } = status;
  const info = infoOf(status);
  const sources = sourcesOf(info);
  const done = {
    relay: () => sumOf(sources.map((source) => numberOr(source.relayedRecords))),
    sink: () => info.rows,
    detector: () => info.processed,
    notifier: () => info.processed,
    fleet: () => info.sent,
    job: () => null,
  }[kind]();
  const lags = kind === 'relay' ? sources : [info];
  const seconds = lags.map(({ lagSeconds }) => numberOr(lagSeconds)).filter((value) => value !== null);
  return {
    ...{ site, kind },
    ...process,
    recordsPerSecond: rate('done', done),
    lagRecords: sumOf(lags.map(({ lagRecords, behind }) => numberOr(lagRecords ?? behind))),
    lagSeconds: seconds.length === 0 ? null : Math.max(...seconds),
  };
}

function linksOf(
  status: ServiceStatus,
  { state, trouble }: TopProcess,
  rate: Rate,
  before: readonly TopLink[],
): TopLink[] {
  const { service, site, info } = status;
  if (info === null) {
    const unknown = { recordsPerSecond: null, bytesPerSecond: null };
    return before
      .filter((link) => link.service === service)
      .map((link) => ({ ...link, ...unknown, state, trouble }));
  }
  return sourcesOf(infoOf(status)).map((source) => ({
    source: String(source.source),
    target: site,
    service,
    state: String(source.state),
    trouble: typeof source.error === 'string' ? source.error : null,
    recordsPerSecond: rate(`records ${source.source}`, source.relayedRecords),
    bytesPerSecond: rate(`bytes ${source.source}`, source.relayedBytes),
    lagRecords: numberOr(source.lagRecords) ?? 0,
    lagSeconds: numberOr(source.lagSeconds) ?? 0,
  }));
}

const infoOf = ({ info }: ServiceStatus): Info => objectOr(info);
const sourcesOf = ({ sources }: Info): Info[] => (Array.isArray(sources) ? sources.map(objectOr) : []);
const objectOr = (value: unknown): Info =>
  typeof value === 'object' && value !== null ? (value as Info) : {};
const numberOr = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Of those that are known; null when none is. */
function sumOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}
