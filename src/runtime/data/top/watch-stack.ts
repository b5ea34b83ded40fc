import { stat } from 'node:fs/promises';
import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { enginesText } from '../../../shared/engines-text.ts';
import { chooseStack, connectStack, noStack, type StackConnection } from '../../stack/connect.ts';
import type { SiteEndpoints, StackStatus } from '../../stack/types.ts';
import { CounterRates } from './counter-rates.ts';
import { GroupWatch } from './group-watch.ts';
import type { TopSnapshot } from './types.ts';
import { viewStack } from './view-stack.ts';

export interface WatchOptions {
  stack?: string | undefined;
  /** From one look to the next. */
  intervalMs: number;
  /** Gives nothing before rates and groups are known, instead of a first look without them. */
  settled?: boolean;
  /** A stack that goes away ends it, with DDS_NO_STACK, instead of being waited for. */
  untilDown?: boolean;
}

/** Rates over less would jump. */
const settlingMs = 1000;

/**
 * Looks at a stack again and again, until the signal aborts; one that went away is waited for.
 * Throws DDS_NO_STACK when none runs at the start.
 */
export async function* watchStack(
  { stack, intervalMs, settled = false, untilDown = false }: WatchOptions,
  context: RuntimeContext,
): AsyncGenerator<TopSnapshot, void, undefined> {
  const { clock, signal } = context;
  const { stack: name } = await chooseStack(context, stack);
  using groups = new GroupWatch(clock);
  const watch = new StackWatch(name, groups, context);
  let last = await watch.first();
  if (settled) {
    await Promise.all([watch.groupsHeard, clock.sleep(Math.min(settlingMs, intervalMs), signal)]);
    last = await watch.look();
  }
  for (let due = clock.monotonic(); !signal.aborted; last = await watch.look()) {
    if (untilDown && watch.failure) throw watch.failure;
    yield last;
    // A look that took long does not make the next ones come in a heap.
    const waitMs = Math.max(0, due + intervalMs - clock.monotonic());
    due = clock.monotonic() + waitMs;
    await clock.sleep(waitMs, signal);
    if (signal.aborted) return;
  }
}

class StackWatch {
  /** Settles when every site that was asked for its groups has answered or failed. */
  groupsHeard: Promise<void> = Promise.resolve();
  /** Why the last look saw nothing. */
  failure: DdsError | null = null;
  readonly #name: string;
  readonly #groups: GroupWatch;
  readonly #context: RuntimeContext;
  readonly #rates = new CounterRates();
  #connection: StackConnection | null = null;
  #last: TopSnapshot;

  constructor(name: string, groups: GroupWatch, context: RuntimeContext) {
    this.#name = name;
    this.#groups = groups;
    this.#context = context;
    this.#last = nothing(name);
  }

  /** Throws DDS_NO_STACK and whatever else keeps the stack from being asked. */
  async first(): Promise<TopSnapshot> {
    this.#connection = await connectStack(this.#context, { stack: this.#name });
    return this.#seen(await this.#connection.status());
  }

  async look(): Promise<TopSnapshot> {
    try {
      this.#connection ??= await connectStack(this.#context, { stack: this.#name });
      return await this.#seen(await this.#connection.status());
    } catch (thrown) {
      // A stack that comes back has another supervisor, at another socket perhaps.
      this.#connection = null;
      this.failure = DdsError.from(thrown);
      return this.#missed(this.failure);
    }
  }

  async #seen(status: StackStatus): Promise<TopSnapshot> {
    this.failure = null;
    const { clock } = this.#context;
    const atMs = clock.monotonic();
    const sizes = new Map(
      await Promise.all(status.sites.map(async (site) => [site.site, await storeBytes(site)] as const)),
    );
    const view = viewStack(status, this.#rates, atMs, sizes, this.#last.links);
    // Others would keep the question waiting.
    const silent = view.sites.filter(({ state }) => state !== 'ready' && state !== 'degraded');
    this.groupsHeard = this.#groups.ask(
      status.sites.filter(({ site }) => !silent.some((one) => one.site === site)),
    );
    const { groups, groupProblems } = this.#groups.read();
    const unasked = silent.map(({ site, service, state }) => ({ site, message: `${service} is ${state}` }));
    this.#last = {
      time: new Date(clock.now()).toISOString(),
      ...{ stack: status.stack, state: status.state, problem: null },
      ...{ engine: enginesText(status.sites), supervisorPid: status.supervisorPid },
      ...view,
      ...{ groups, groupProblems: [...groupProblems, ...unasked] },
      events: status.events,
    };
    return this.#last;
  }

  async #missed(error: DdsError): Promise<TopSnapshot> {
    await this.#groups.ask([]);
    this.#rates.look();
    this.#last = {
      ...nothing(this.#name),
      time: new Date(this.#context.clock.now()).toISOString(),
      state: error.code === 'DDS_STACK_BUSY' ? 'silent' : 'down',
      problem: error.code === 'DDS_NO_STACK' ? noStack(this.#name).message : error.message,
      events: this.#last.events,
    };
    return this.#last;
  }
}

const nothing = (stack: string): TopSnapshot => ({
  ...{ time: '', stack, state: 'down', problem: null, engine: null, supervisorPid: null },
  totals: {
    ...{
      recordsInPerSecond: null,
      bytesInPerSecond: null,
      recordsOutPerSecond: null,
      bytesOutPerSecond: null,
    },
    ...{ rssBytes: 0, cpuPercent: null },
  },
  ...{ sites: [], links: [], jobs: [], groups: [], groupProblems: [], events: [] },
});

/** A database is its file and the log beside it. */
async function storeBytes({ store }: SiteEndpoints): Promise<number | null> {
  if (store?.kind !== 'duckdb') return null;
  const sizes = await Promise.all(
    [store.path, `${store.path}.wal`].map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const bytes = sizes[0]! + sizes[1]!;
  return bytes > 0 ? bytes : null;
}
