import type { RuntimeContext } from '../../../../shared/context.ts';
import { connectStack } from '../../../stack/connect.ts';
import type { SiteEndpoints } from '../../../stack/types.ts';
import { compileFilter, type FilterOptions } from '../filter.ts';
import { registryPatience } from '../line-consumer.ts';
import type { PartitionTail, TopicTail } from '../record-consumer.ts';
import { SiteTail, type SiteTailOptions } from '../site.ts';
import { closeSites, startSites } from '../sites.ts';
import { parseRange, type TailOptions } from '../tail.ts';
import { ActiveFilter } from './active-filter.ts';
import { HopTimes } from './hop.ts';
import { LiveConsumer, type LiveState } from './live-consumer.ts';
import { RecordRing } from './record-ring.ts';
import { searchBack } from './search-back.ts';
import { type LivePartition, livePartition, TopicCounts } from './topic-counts.ts';

export type LiveTailOptions = FilterOptions &
  Pick<TailOptions, 'stack' | 'topics' | 'sites' | 'partitions' | 'from' | 'last' | 'group'>;

/** Of the 64 MiB that records may take: a half for all records, a half for those that a filter found. */
const ringBytes = 32 * 1024 * 1024;
const lagEveryMs = 5000;

/** Something that happened to a site: a broker that went away, a position that is gone. */
export interface Notice {
  text: string;
  /** Monotonic. */
  atMs: number;
}

/**
 * Topics of sites as they are read, for a view: exact counts, the last records by time, and a filter that can change. It
 * tells `onChange` when there is something new.
 */
export class LiveTail implements LiveState {
  readonly stack: string;
  readonly clock;
  readonly ring = new RecordRing(ringBytes);
  /** A row for each site and topic, sorted. */
  readonly counts: TopicCounts[] = [];
  /** By the number under which the ring knows them. */
  readonly partitions: LivePartition[] = [];
  readonly hops = new HopTimes();
  readonly sites: readonly SiteTail[];
  filter: ActiveFilter | null = null;
  notice: Notice | null = null;
  onChange: () => void = () => undefined;
  readonly #consumers: LiveConsumer[];
  readonly #options: LiveTailOptions;
  readonly #siteOptions: SiteTailOptions;
  readonly #context: RuntimeContext;
  readonly #finished = new AbortController();
  readonly signal: AbortSignal;

  constructor(
    { stack, endpoints }: { stack: string; endpoints: readonly SiteEndpoints[] },
    options: LiveTailOptions,
    context: RuntimeContext,
  ) {
    this.stack = stack;
    this.clock = context.clock;
    this.#options = options;
    const report = (text: string) => this.tell(text);
    this.#context = { ...context, report };
    this.signal = AbortSignal.any([context.signal, this.#finished.signal]);
    const { clock, signal } = this;
    const from = parseRange(options, clock.now()).from;
    this.#siteOptions = {
      // By partition, not by topic: what lies before is only a scroll away.
      from: options.last === undefined ? from : { kind: 'back', count: options.last },
      ...{ to: null, last: null, patienceMs: null },
      topics: options.topics?.length ? options.topics : ['*'],
      partitions: options.partitions,
    };
    this.#consumers = endpoints.map(
      ({ site }) => new LiveConsumer(this, registryPatience({ site, patienceMs: null, clock, report })),
    );
    this.sites = endpoints.map((one, at) => {
      const consumer = this.#consumers[at]!;
      return new SiteTail(this.#siteOptions, { endpoints: one, consumer, clock, signal, report });
    });
  }

  /** Records read so far, over all sites. */
  get records(): number {
    return this.counts.reduce((sum, { records }) => sum + records, 0);
  }

  /** What the list shows: all records, or those that the filter found. */
  get list(): RecordRing {
    return this.filter?.ring ?? this.ring;
  }

  /** True while the site's broker or registry does not answer. */
  isWaiting(site: string): boolean {
    return this.sites.find((one) => one.site === site)?.waiting ?? false;
  }

  /**
   * Begins to read; the promise that it gives lasts until `close()` or an error. Throws DDS_UNKNOWN_TOPIC, DDS_USAGE,
   * DDS_BROKER_UNREACHABLE.
   */
  async start(): Promise<{ ended: Promise<void> }> {
    await this.setFilter('');
    const runs = await startSites(this.sites, this.#siteOptions, this.#context, this.signal);
    const lags = this.#watchLags();
    return { ended: Promise.all(runs).then(() => lags) };
  }

  /**
   * Shows only what the text finds, besides what the options ask for; empty for no filter. What was read before is looked at
   * again. Throws DDS_USAGE for what can't be understood; the filter is then as it was.
   */
  async setFilter(text: string): Promise<void> {
    const { grep = [], grepNot, keys, headers, where } = this.#options;
    const typed = filterOf(text);
    const wheres = [where, typed.where].filter((one) => one !== undefined);
    const compiled = await compileFilter(
      {
        ...{ grepNot: [...(grepNot ?? []), ...(typed.grepNot ?? [])], keys, headers },
        grep: [...grep, ...(typed.grep ?? [])],
        where: wheres.length > 1 ? wheres.map((one) => `(${one})`).join(' && ') : wheres[0],
      },
      (message) => this.tell(message),
    );
    this.filter?.end();
    this.filter = null;
    if (compiled) {
      const filter = new ActiveFilter(
        describe(this.#options, text),
        compiled,
        new RecordRing(ringBytes),
        this.clock,
      );
      this.filter = filter;
      this.sites.forEach((site, at) => {
        const { partitions, registry } = this.#consumers[at]!;
        searchBack(site, partitions, filter, registry, this.signal).then(
          () => this.changed(),
          (error: Error) => {
            filter.trouble = error.message;
          },
        );
      });
    }
    this.changed();
  }

  tell(text: string): void {
    this.notice = { text, atMs: this.clock.monotonic() };
    this.changed();
  }

  changed(): void {
    this.onChange();
  }

  take({ name, id, reader }: TopicTail, tail: PartitionTail): LivePartition {
    const { site } = tail.place;
    let counts = this.counts.find((one) => one.site === site && one.topic === name);
    if (!counts) {
      counts = new TopicCounts(site, name, this.clock.monotonic());
      this.counts.push(counts);
      const place = (one: TopicCounts) => this.sites.findIndex((other) => other.site === one.site);
      this.counts.sort((a, b) => place(a) - place(b) || (a.topic < b.topic ? -1 : 1));
    }
    const partition = livePartition(this.partitions.length, tail, counts, reader);
    this.partitions.push(partition);
    this.hops.add(id, partition);
    return partition;
  }

  async close(): Promise<void> {
    this.#finished.abort();
    this.filter?.end();
    await closeSites(this.sites);
  }

  async #watchLags(): Promise<void> {
    const { group } = this.#options;
    while (!this.signal.aborted) {
      await Promise.all(
        this.sites.map((site) => this.#readLags(site, group === undefined ? undefined : [group])),
      );
      this.changed();
      await this.clock.sleep(lagEveryMs, this.signal);
    }
  }

  async #readLags(site: SiteTail, names: readonly string[] | undefined): Promise<void> {
    // A broker that is away says nothing of groups either; the row tells that it is away.
    const groups = site.waiting ? null : await site.groups(names).catch(() => null);
    for (const counts of this.counts) {
      if (counts.site !== site.site) continue;
      counts.groups =
        groups
          ?.map(({ group, partitions }) => {
            const here = partitions.filter(({ topic }) => topic === counts.topic);
            return { group, lag: here.reduce((sum, { lag }) => sum + lag, 0), isHere: here.length > 0 };
          })
          .filter(({ isHere }) => isHere)
          .map(({ group, lag }) => ({ group, lag }))
          .sort((a, b) => b.lag - a.lag || (a.group < b.group ? -1 : 1)) ?? null;
    }
  }
}

/** Opens the stack's sites for a view. Throws DDS_NO_STACK, DDS_UNKNOWN_SITE, DDS_USAGE. */
export async function openLiveTail(options: LiveTailOptions, context: RuntimeContext): Promise<LiveTail> {
  const stack = await connectStack(context, { stack: options.stack });
  try {
    const endpoints = await stack.sites(options.sites);
    return new LiveTail({ stack: stack.stack, endpoints }, options, context);
  } finally {
    stack.close();
  }
}

/** A name that `--where` knows, and what makes an expression of it. */
const expression =
  /(^|[^\w.])(site|topic|partition|offset|ts|key|value|headers|error)\s*(\.\w|\[|[=!<>]=|[<>]|in\s)/;

/** The filter line's text as filter options: an expression as in `--where`; else as in `--grep`, with `!` in front `--grep-v`. */
export function filterOf(text: string): FilterOptions {
  const trimmed = text.trim();
  if (trimmed === '') return {};
  if (expression.test(trimmed)) return { where: trimmed };
  return trimmed.startsWith('!') ? { grepNot: [trimmed.slice(1).trim()] } : { grep: [trimmed] };
}

/** The filter as the user would write it: the flags, then what was typed. */
function describe({ grep, grepNot, keys, headers, where }: FilterOptions, typed: string): string {
  const flags = Object.entries({ grep, 'grep-v': grepNot, key: keys, header: headers, where });
  const words = flags.flatMap(([flag, values]) => [values ?? []].flat().map((value) => `--${flag} ${value}`));
  return [...words, typed].filter((word) => word !== '').join(' ');
}
