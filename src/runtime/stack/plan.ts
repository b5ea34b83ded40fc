import { hostname } from 'node:os';
import { join } from 'node:path';
import { dockerEngine } from '../engines/docker/docker.ts';
import { embeddedEngine } from '../engines/embedded.ts';
import type { Engine, Program } from '../engines/engine.ts';
import type {
  DetectorSpec,
  EngineKind,
  FleetSpec,
  Guarantee,
  JobSpec,
  NotifierSpec,
  RelaySpec,
  SinkSpec,
  SiteSpec,
  StoreSpec,
  Topology,
} from '../topology/index.ts';
import { brokerPorts, registryUrl, startsCassandra } from '../topology/index.ts';
import { guarded } from './job-guard.ts';
import { ddsProgram } from './program.ts';
import { serviceSocket } from './run-directory.ts';
import type { StateDirectory } from './state-directory.ts';
import { storeFlag } from './store-flag.ts';
import type { ServiceKind, SiteEndpoints, StoreEndpoints } from './types.ts';

/** One process of the stack, as it is started each time. */
export interface ServiceSpec {
  readonly service: string;
  readonly site: string;
  readonly kind: ServiceKind;
  readonly program: Program;
  /** Where its HTTP API listens: `unix:/path`; null when it has none. */
  readonly http: string | null;
  /** What is told when it becomes ready. */
  readonly readyMessage: string;
  /** How long it may take to become ready and, after SIGTERM, to stop; default see Child. */
  readonly startTimeoutMs?: number | undefined;
  readonly stopTimeoutMs?: number | undefined;
}

/**
 * Order of starting and stopping. A stage starts at a site when the one before it is ready there; all of one stop
 * stage stop at once, at every site, before the next.
 */
export const order: Readonly<Record<ServiceKind, { start: 0 | 1; stop: 0 | 1 }>> = {
  site: { start: 0, stop: 1 },
  sink: { start: 1, stop: 0 },
  relay: { start: 1, stop: 0 },
  detector: { start: 1, stop: 0 },
  notifier: { start: 1, stop: 0 },
  job: { start: 1, stop: 0 },
  fleet: { start: 1, stop: 0 },
};

/** An external site has no engine: there is nothing to start. */
const engines: Readonly<Partial<Record<EngineKind, Engine>>> = {
  embedded: embeddedEngine,
  docker: dockerEngine,
};
const host = '127.0.0.1';

export function endpointsOf(site: SiteSpec, directory: StateDirectory): SiteEndpoints {
  const store =
    site.store && storeEndpoints(site, site.store, join(directory.site(site.name), 'store.duckdb'));
  const cassandra = site.store?.kind === 'cassandra' ? site.store.access : null;
  const access = { ...site.cluster?.access, ...(cassandra && { cassandra }) };
  const at = { site: site.name, role: site.role, engine: site.engine, store, access };
  if (site.cluster) {
    const { registryUrl } = site.cluster;
    const brokers = [...site.cluster.brokers];
    return { ...at, brokers, wanBrokers: brokers, registryUrl };
  }
  return {
    ...at,
    brokers: brokerPorts(site).map(({ kafka }) => `${host}:${kafka}`),
    wanBrokers: brokerPorts(site).map(({ wan }) => `${host}:${wan}`),
    registryUrl: registryUrl(site),
  };
}

function storeEndpoints(site: SiteSpec, store: StoreSpec, path: string): StoreEndpoints {
  if (store.kind === 'duckdb') return { kind: 'duckdb', path };
  const { kind, contactPoints, localDataCenter, keyspace } = store;
  const own = startsCassandra(site) ? [`${host}:${site.ports.cassandra}`] : [];
  return { kind, contactPoints: [...(contactPoints ?? own)], localDataCenter, keyspace };
}

/** Every service of the topology, sites first. */
export function planServices(
  topology: Topology,
  directory: StateDirectory,
  runDirectory: string,
): ServiceSpec[] {
  const endpoints = new Map(topology.sites.map((site) => [site.name, endpointsOf(site, directory)]));
  const at = (site: string) => endpoints.get(site)!;
  const specify = (
    site: string,
    part: string,
    kind: ServiceKind,
    programAt: (http: string) => Program,
    { sources = [], hasApi = false }: { sources?: readonly string[]; hasApi?: boolean | undefined } = {},
  ) => {
    const service = `${site}/${part}`;
    const http = `unix:${serviceSocket(runDirectory, service)}`;
    const served = kind === 'site' ? hasApi : kind !== 'job';
    const readyMessage = kind === 'site' ? `ready (${portsText(at(site))})` : 'ready';
    const program = withAccess(programAt(http), [site, ...sources].map(at));
    // Beside containers that start, everything takes its time.
    const startTimeoutMs = topology.sites.some(({ docker }) => docker) ? 120_000 : undefined;
    return { service, site, kind, program, http: served ? http : null, readyMessage, startTimeoutMs };
  };
  return [
    ...topology.sites.flatMap((site) => {
      const engine = engines[site.engine];
      if (!engine) return [];
      const { startTimeoutMs, stopTimeoutMs } = engine;
      const spec = specify(site.name, 'site', 'site', (http) => engine.siteProgram(site, directory, http), {
        hasApi: engine.hasApi,
      });
      return { ...spec, startTimeoutMs, stopTimeoutMs };
    }),
    ...topology.sinks.map((sink) =>
      specify(sink.site, sink.name, 'sink', (http) => sinkProgram(sink, at(sink.site), http)),
    ),
    ...topology.relays.map((relay) =>
      specify(
        relay.site,
        relay.name,
        'relay',
        (http) => relayProgram(relay, at(relay.site), relay.sources.map(at), http),
        { sources: relay.sources },
      ),
    ),
    ...topology.detectors.map((detector) =>
      specify(detector.site, detector.name, 'detector', (http) =>
        detectorProgram(detector, at(detector.site), http),
      ),
    ),
    ...topology.notifiers.map((notifier) =>
      specify(notifier.site, notifier.name, 'notifier', (http) =>
        notifierProgram(notifier, at(notifier.site), http),
      ),
    ),
    ...topology.jobs.map((job) => specify(job.site, job.name, 'job', () => jobProgram(job, at(job.site)))),
    ...topology.fleets.map((fleet) =>
      specify(fleet.site, fleet.name, 'fleet', (http) => fleetProgram(fleet, at(fleet.site), http)),
    ),
  ];
}

/** `broker 9192, registry 8181`. */
const portsText = ({ brokers, registryUrl }: SiteEndpoints) =>
  `broker ${brokers.map((broker) => broker.split(':')[1]).join(', ')}, registry ${new URL(registryUrl).port}`;

const ownCluster = (site: SiteEndpoints) => [
  ...['--site', site.site],
  ...['--brokers', site.brokers.join(',')],
  ...['--registry', site.registryUrl],
];

/** The same for clusters that ask who comes; secrets are only named in it. */
function withAccess(program: Program, sites: readonly SiteEndpoints[]): Program {
  const ways = sites.flatMap(({ site, access }) =>
    access && Object.keys(access).length > 0 ? [[site, access] as const] : [],
  );
  if (ways.length === 0) return program;
  return { ...program, env: { ...program.env, DDS_ACCESS: JSON.stringify(Object.fromEntries(ways)) } };
}

const topicFlags = (spec: RelaySpec | SinkSpec) => [
  ...['--topics', spec.topics.join(',')],
  ...['--exclude', spec.exclude.join(',')],
];

function sinkProgram(sink: SinkSpec, site: SiteEndpoints, http: string): Program {
  return ddsProgram([
    ...['run', 'sink', ...ownCluster(site), ...topicFlags(sink)],
    ...['--store', storeFlag(site.store!, sink.store), '--http', http],
  ]);
}

function relayProgram(
  relay: RelaySpec,
  target: SiteEndpoints,
  sources: SiteEndpoints[],
  http: string,
): Program {
  const from = sources.flatMap((source) => [
    '--source',
    `${source.site},brokers=${source.wanBrokers.join(';')},registry=${source.registryUrl}`,
  ]);
  return ddsProgram([
    ...['run', 'relay', ...ownCluster(target), ...topicFlags(relay)],
    ...['--name', relay.name, '--delivery', relay.delivery, '--names', relay.names],
    ...['--schemas', relay.schemas, '--on-error', relay.onError],
    ...[...from, '--http', http],
  ]);
}

function detectorProgram(detector: DetectorSpec, site: SiteEndpoints, http: string): Program {
  const { topic, events, threshold, unit, hysteresis, emit } = detector;
  const list = (thresholds: Readonly<Record<string, number>>) =>
    Object.entries(thresholds)
      .map(([id, value]) => `${id}=${value}`)
      .join(',');
  return ddsProgram([
    ...['run', 'detector', ...ownCluster(site), '--topic', topic, '--events', events],
    ...[`--threshold=${threshold}`, '--unit', unit, '--hysteresis', String(hysteresis), '--emit', emit],
    ...['--sensor-thresholds', list(detector.sensors), '--type-thresholds', list(detector.types)],
    ...['--on-error', detector.onError, ...guaranteeFlags(detector, site)],
    ...['--name', detector.name, '--http', http],
  ]);
}

function notifierProgram(notifier: NotifierSpec, site: SiteEndpoints, http: string): Program {
  const { events, channels, webhook, telegram } = notifier;
  const program = ddsProgram([
    ...['run', 'notifier', ...ownCluster(site), '--events', events, '--channels', channels.join(',')],
    ...(telegram === null ? [] : [`--telegram-chat=${telegram.chat}`]),
    ...(telegram?.tokenFile ? ['--telegram-token-file', telegram.tokenFile] : []),
    ...(telegram?.api ? ['--telegram-api', telegram.api] : []),
    ...[...guaranteeFlags(notifier, site), '--name', notifier.name, '--http', http],
  ]);
  // Who knows it may send: arguments are seen by everyone on the machine.
  return webhook === null ? program : { ...program, env: { ...program.env, DDS_WEBHOOK: webhook } };
}

/** The name is that of one process: on a cluster that others use, too, theirs have another one. */
const guaranteeFlags = ({ guarantee }: { guarantee: Guarantee }, { site }: SiteEndpoints): string[] =>
  guarantee === 'exactly-once' ? ['--guarantee', guarantee, '--instance', `${hostname()}.${site}`] : [];

function fleetProgram(fleet: FleetSpec, site: SiteEndpoints, http: string): Program {
  const fields = Object.entries(fleet.fields).flatMap(([field, spec]) => ['--field', `${field}=${spec}`]);
  const faults = Object.entries(fleet.faults).flatMap(([fault, value]) => [`--${fault}`, value]);
  return ddsProgram([
    ...['run', 'fleet', ...ownCluster(site), '--topic', fleet.topic],
    ...(fleet.schema === null ? [] : ['--schema', fleet.schema]),
    ...['--sensors', String(fleet.sensors), '--rate', String(fleet.rate), '--seed', String(fleet.seed)],
    ...[...fields, ...faults, '--name', fleet.name, '--http', http],
  ]);
}

/** The user's program finds its site in the same variables that our own jobs read. */
function jobProgram(job: JobSpec, site: SiteEndpoints): Program {
  const env = {
    DDS_SITE: site.site,
    DDS_BROKERS: site.brokers.join(','),
    DDS_REGISTRY: site.registryUrl,
    ...job.env,
  };
  return guarded(job.command, env, job.cwd);
}
