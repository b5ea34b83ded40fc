import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { parseTime } from '../../../shared/parse-time.ts';
import { connectStack } from '../../stack/connect.ts';
import type { SiteEndpoints } from '../../stack/types.ts';
import { compileFilter, type FilterOptions } from './filter.ts';
import { jsonFormat, type RecordFormat, type TailPaint, textFormat } from './format.ts';
import { watchLag } from './group-lag.ts';
import { endWhenIdle } from './idle.ts';
import { LineConsumer } from './line-consumer.ts';
import { TailOutput, type WriteText } from './output.ts';
import { parsePosition, type TailPosition } from './position.ts';
import { SiteTail, type SiteTailOptions } from './site.ts';
import { closeSites, startSites } from './sites.ts';
import { templateFormat } from './template.ts';

export interface TailOptions extends FilterOptions {
  stack?: string | undefined;
  /** Names, globs or /regular expressions/. Default: all topics that are not internal. */
  topics?: readonly string[];
  /** Default: all. */
  sites?: readonly string[] | undefined;
  partitions?: readonly number[] | undefined;
  /** See parsePosition. Default newest, and oldest where an end is given. */
  from?: string | undefined;
  /** Stop before this position. */
  to?: string | undefined;
  /** Begin with the last N records of each topic. */
  last?: number | undefined;
  /** Stop after N records. */
  count?: number | undefined;
  /** Stop at the end as it was at the start. */
  exitAtEnd?: boolean;
  /** Stop when no record has come for this long: `500ms`, `5s`. */
  idleTimeout?: string | undefined;
  /** A consumer group whose lag is reported at the start, every 10 s and at the end. */
  group?: string | undefined;
  /** Throw DDS_UNDECODABLE at the end when a record could not be decoded. */
  strict?: boolean;
  /** How long a tail that is to end waits for a broker or registry that went away. Default 10000. */
  patienceMs?: number;
  format: 'json' | 'text' | { template: string; forTerminal: boolean };
  paint: TailPaint;
  write: WriteText;
}

export interface TailSummary {
  /** Records shown. */
  records: number;
  /** Records looked at: more than were shown when filters left some out. */
  scanned: number;
  undecodable: number;
  topics: number;
  sites: number;
}

/**
 * Writes records of any topics of a running stack as lines. Resolves when the end or the count is reached, or when
 * the context's signal aborts. Throws DDS_NO_STACK, DDS_UNKNOWN_SITE, DDS_UNKNOWN_TOPIC, DDS_USAGE,
 * DDS_BROKER_UNREACHABLE, DDS_REGISTRY_UNREACHABLE, DDS_UNDECODABLE.
 */
export async function tail(options: TailOptions, context: RuntimeContext): Promise<TailSummary> {
  const range = parseRange(options, context.clock.now());
  const stack = await connectStack(context, { stack: options.stack });
  try {
    return await tailSites(await stack.sites(options.sites), options, context, range);
  } finally {
    stack.close();
  }
}

type Range = Pick<SiteTailOptions, 'from' | 'to' | 'last'>;

/** Throws DDS_USAGE for a position that is none. */
export function parseRange(
  options: Pick<TailOptions, 'from' | 'to' | 'last' | 'exitAtEnd'>,
  now: number,
): Range {
  const last = options.last ?? null;
  let to: TailPosition | null = options.exitAtEnd ? { kind: 'newest' } : null;
  if (options.to !== undefined) to = parsePosition(options.to, '--to', now);
  if (to?.kind === 'time' && to.ms > now) {
    throw new DdsError('DDS_USAGE', `--to ${options.to} lies in the future`, {
      hint: 'Leave --to away to follow what comes.',
    });
  }
  const from = options.from ?? (to === null ? 'newest' : 'oldest');
  return { last, to, from: parsePosition(from, '--from', now) };
}

/** The same for sites that are known already. */
export async function tailSites(
  endpoints: readonly SiteEndpoints[],
  options: TailOptions,
  context: RuntimeContext,
  range = parseRange(options, context.clock.now()),
): Promise<TailSummary> {
  const { clock } = context;
  const finished = new AbortController();
  const signal = AbortSignal.any([context.signal, finished.signal]);
  const output = new TailOutput(options.write, options.count ?? Number.POSITIVE_INFINITY, () =>
    finished.abort(),
  );
  const idleMs = options.idleTimeout === undefined ? null : parseTime(options.idleTimeout, '--idle-timeout');
  const bounded = range.to !== null || options.count !== undefined || idleMs !== null;
  const report = (message: string) => context.report(message);
  const siteOptions: SiteTailOptions = {
    ...range,
    topics: options.topics?.length ? options.topics : ['*'],
    partitions: options.partitions,
    patienceMs: bounded ? (options.patienceMs ?? 10_000) : null,
  };
  const { patienceMs } = siteOptions;
  const format = formatOf(options, () => clock.now());
  const filter = await compileFilter(options, report);
  const sites = endpoints.map((site) => {
    const lines = { site: site.site, output, format, filter, patienceMs, clock, signal, report };
    const consumer = new LineConsumer(lines);
    return new SiteTail(siteOptions, { endpoints: site, consumer, clock, signal, report });
  });
  try {
    const runs = await startSites(sites, siteOptions, context, signal);
    // The first site that fails ends the others.
    for (const run of runs) run.catch(() => finished.abort());
    if (idleMs !== null) void endWhenIdle(sites, output, idleMs, clock, finished);
    const watching = options.group === undefined ? null : watchLag(sites, options.group, context, signal);
    const ended = await Promise.allSettled(runs);
    await output.flush();
    finished.abort();
    await watching;
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
  } finally {
    await closeSites(sites);
  }
  const { records, scanned, undecodable } = output;
  if (options.strict && undecodable > 0) throw undecodableError(undecodable, scanned);
  const topics = new Set(sites.flatMap((site) => site.topics)).size;
  return { records, scanned, undecodable, topics, sites: sites.length };
}

function formatOf({ format, paint }: TailOptions, now: () => number): RecordFormat {
  if (format === 'json') return jsonFormat;
  if (format === 'text') return textFormat(paint, now);
  return templateFormat(format.template, format);
}

function undecodableError(undecodable: number, records: number): DdsError {
  return new DdsError('DDS_UNDECODABLE', `${undecodable} of ${records} records could not be decoded`, {
    details: { undecodable, records },
  });
}
