import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { connectStack } from '../stack/connect.ts';
import { down } from '../stack/down.ts';
import type { SiteEndpoints, StackStatus } from '../stack/types.ts';
import { up } from '../stack/up.ts';
import { sendSpike, spikeMessages, spikeReadings } from './demo-spike.ts';
import { countRows, type SiteCount } from './query/count.ts';
import { queryRows } from './query/query.ts';
import { simulate } from './simulate.ts';
import { simulateOptions } from './simulate-options.ts';

export interface DemoOptions {
  /** Leave the stack running. Default: nothing is left. */
  keep: boolean;
  /** Messages per second of all sensors. */
  rate: number;
  seconds: number;
  /** What provides the clusters. Default embedded. */
  engine?: string | undefined;
}

/** Times from the intended moment of sending to the committed row, ms. */
export interface DemoLatency {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface DemoSite {
  site: string;
  role: SiteEndpoints['role'];
  rows: number;
  /** Of the readings after the warm-up. */
  latency: DemoLatency;
  columns: string[];
  /** Three rows of the table; DuckDB's newest, newest first. */
  samples: unknown[][];
  endpoints: SiteEndpoints;
}

/** The answer of `dds demo --json`. */
export interface DemoResult {
  directory: string;
  kept: boolean;
  startMs: number;
  sent: number;
  acked: number;
  atEdges: number;
  atCentre: number;
  /** Acknowledged readings that a database does not have: at the edges and at the centre together. */
  lost: number;
  /** Rows beyond one a reading, at the edges and at the centre together. */
  doubled: number;
  /** From the last acknowledgement until the centre had everything, ms. */
  caughtUpMs: number;
  /** What the notifier said of an oven that got too hot for a moment: one START, one END. */
  messages: string[];
  /** Whether the load held its rate; the latencies mean little otherwise. */
  rateHeld: boolean;
  sites: DemoSite[];
}

const table = 'temperature_data';
/** Cassandra orders within a partition only: there it is any three. */
const sampleSql = {
  duckdb: `select sensor_id, make_timestamp("timestamp" * 1000) as measured, round(temperature, 2) as temperature,
    unit, site, latency_ms from ${table} order by "timestamp" desc limit 3`,
  cassandra: `select sensor_id, ts as measured, temperature, unit, site, latency_ms from ${table} limit 3`,
};
/** The centre may take its time as long as rows still arrive. */
const quietMs = 10_000;
/** The first records meet cold code, new tables and schemas; they count, but not in the latencies. */
const warmupSeconds = 1;

/**
 * Starts two edges and a centre in a directory of their own, on free ports; sends readings; waits for them at the
 * centre; counts. Whatever happens, nothing is left, unless `keep`.
 */
export async function demo(options: DemoOptions, context: RuntimeContext): Promise<DemoResult> {
  const directory = await mkdtemp(join(tmpdir(), 'dds-demo-'));
  const inside = { ...context, cwd: directory };
  let done = false;
  try {
    context.report(`Starting two edges and a centre in ${directory} …`);
    const { status, elapsedMs } = await up(
      { sites: 2, ports: 'auto', stack: 'demo', engine: options.engine, onEvent: () => {} },
      inside,
    );
    context.report(`Ready after ${(elapsedMs / 1000).toFixed(1)} s: ${status.services.length} services.`);
    const result = await runLoad(options, inside, status);
    done = true;
    return { directory, kept: options.keep, startMs: elapsedMs, ...result };
  } finally {
    if (!done || !options.keep) {
      // Ctrl-C ends the demo, not its cleaning up.
      const quiet = { ...inside, signal: new AbortController().signal, report: () => {} };
      await down({ stack: 'demo', purge: true }, quiet);
      await rm(directory, { recursive: true, force: true });
    }
  }
}

async function runLoad({ rate, seconds }: DemoOptions, context: RuntimeContext, status: StackStatus) {
  const edges = status.sites.filter(({ role }) => role === 'edge').map(({ site }) => site);
  context.report(`Registering 100 sensors, warming up for ${warmupSeconds} s …`);
  const warm = await send(rate, warmupSeconds, true, context);
  context.report('Letting an oven get too hot for a moment …');
  await sendSpike(status.sites.find(({ site }) => site === edges[0])!, context);
  await settle(['central'], warm.acked + spikeReadings, context);
  await Promise.all(status.sites.map(({ site }) => sinkRequest('POST', site, '/latency/reset', context)));
  context.report(`Sending ${rate} readings a second for ${seconds} s …`);
  const load = await send(rate, seconds, false, context);
  context.report('Waiting until the centre has everything …');
  const from = context.clock.monotonic();
  const acked = warm.acked + load.acked + spikeReadings;
  const [atEdges, atCentre] = [
    await settle(edges, acked, context),
    await settle(['central'], acked, context),
  ];
  const caughtUpMs = Math.round(context.clock.monotonic() - from);
  const messages = await spikeMessages(quietMs, context);
  const sites = await Promise.all(status.sites.map((site) => describe(site, context)));
  return {
    sent: warm.sent + load.sent + spikeReadings,
    acked,
    atEdges: atEdges.rows,
    atCentre: atCentre.rows,
    lost: Math.max(0, acked - atEdges.readings) + Math.max(0, acked - atCentre.readings),
    doubled: atEdges.rows - atEdges.readings + (atCentre.rows - atCentre.readings),
    caughtUpMs,
    messages,
    rateHeld: load.verdict === 'VALID',
    sites,
  };
}

async function send(rate: number, seconds: number, register: boolean, context: RuntimeContext) {
  const load = { rate: String(rate), duration: `${seconds}s`, sensors: '100', seed: '2017', register };
  const quiet = { ...context, report: () => {} };
  const result = await simulate(simulateOptions(load), quiet, { stack: 'demo' });
  if (result.interrupted) throw new DdsError('DDS_FAILED', 'the demo was interrupted; nothing of it is left');
  if (result.failed > 0 && result.error) throw DdsError.fromBody(result.error);
  return result;
}

interface Counts {
  rows: number;
  readings: number;
}

/** Counts until all readings are there, or until no more come. */
async function settle(sites: string[], expected: number, context: RuntimeContext): Promise<Counts> {
  const { clock, signal } = context;
  let seen: Counts = { rows: -1, readings: -1 };
  for (let changedAt = clock.monotonic(); ; await clock.sleep(50, signal)) {
    const now: Counts = { rows: 0, readings: 0 };
    for (const { rows, distinct } of await Promise.all(sites.map((site) => countAt(site, context)))) {
      now.rows += rows;
      now.readings += distinct;
    }
    if (now.rows !== seen.rows) changedAt = clock.monotonic();
    seen = now;
    if (seen.readings >= expected || signal.aborted || clock.monotonic() - changedAt > quietMs) return seen;
  }
}

async function countAt(site: string, context: RuntimeContext): Promise<SiteCount> {
  const distinct = ['sensor_id', 'timestamp'];
  const { sites } = await countRows({ stack: 'demo', site, table, distinct, timeoutMs: 30_000 }, context);
  return sites[0]!;
}

async function describe(endpoints: SiteEndpoints, context: RuntimeContext): Promise<DemoSite> {
  const { site, role, store } = endpoints;
  const { rows } = await countAt(site, context);
  const sql = sampleSql[store?.kind ?? 'duckdb'];
  const samples = await queryRows({ stack: 'demo', site, sql, maxRows: 10, timeoutMs: 10_000 }, context);
  return {
    site,
    role,
    rows,
    latency: (await sinkRequest('GET', site, '/latency', context)) as DemoLatency,
    columns: samples.columns.map(({ name }) => name),
    samples: samples.rows,
    endpoints,
  };
}

async function sinkRequest(method: 'GET' | 'POST', site: string, path: string, context: RuntimeContext) {
  const stack = await connectStack(context, { stack: 'demo' });
  try {
    return await stack.request(method, `/services/${site}/sink${path}`);
  } finally {
    stack.close();
  }
}
