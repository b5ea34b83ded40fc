import { DdsError, type DdsErrorBody } from '../../../errors/index.ts';
import type { QueryLine, QueryRequest } from '../../jobs/sinks/index.ts';
import type { StackConnection } from '../../stack/connect.ts';

/** A sink ends a statement by its own clock; one that is this much later hangs, ms. */
const graceMs = 5_000;

/** A site whose sink can be asked. */
export interface SiteStore {
  site: string;
  /** `<site>/<job>` of its sink. */
  service: string;
}

/**
 * The sites to ask: the one that is named, all that have a database, or the central one (else the only one).
 * Throws DDS_USAGE, DDS_UNKNOWN_SITE or DDS_STORE_UNREACHABLE.
 */
export async function storesOf(
  stack: StackConnection,
  { site, allSites = false }: { site?: string | undefined; allSites?: boolean | undefined },
): Promise<SiteStore[]> {
  const { sites, services } = await stack.status();
  const store = (name: string): SiteStore[] => {
    const sink = services.find((service) => service.kind === 'sink' && service.site === name);
    return sink ? [{ site: name, service: sink.service }] : [];
  };
  if (allSites) {
    const stores = sites.flatMap((one) => store(one.site));
    if (stores.length === 0)
      throw new DdsError('DDS_STORE_UNREACHABLE', 'no site of this stack has a sink, and so a database', {
        hint,
      });
    return stores;
  }
  const name = site ?? (sites.length === 1 ? sites : sites.filter(({ role }) => role === 'central'))[0]?.site;
  if (name === undefined) {
    throw new DdsError('DDS_USAGE', 'there are several sites and none of them is central', {
      hint: `Choose one with --site: ${sites.map((one) => one.site).join(', ')}.`,
    });
  }
  await stack.sites([name]);
  const stores = store(name);
  if (stores.length === 0) {
    throw new DdsError('DDS_STORE_UNREACHABLE', `the site ${name} has no sink, and so no database`, { hint });
  }
  return stores;
}

const hint = 'Add a sink to dds.yaml.';

/** The sink's answer line by line, to its end. Aborting the signal stops the statement there. */
export async function* askSite(
  stack: StackConnection,
  { site, service }: SiteStore,
  request: QueryRequest,
  signal: AbortSignal,
): AsyncGenerator<QueryLine, void, undefined> {
  const silent = new AbortController();
  const both = AbortSignal.any([signal, silent.signal]);
  const lines = stack.client.stream(`/services/${service}/query/stream`, both, request);
  try {
    for (;;) {
      const line = (await within(request.timeoutMs + graceMs, silent, () => lines.next())) as
        | { done: true }
        | { done?: false; value: QueryLine | { error: DdsErrorBody } };
      signal.throwIfAborted();
      if (line.done) throw new DdsError('DDS_STORE_UNREACHABLE', `the sink of ${site} broke off its answer`);
      if ('error' in line.value) throw DdsError.fromBody(line.value.error);
      yield line.value;
      if ('truncated' in line.value) return;
    }
  } catch (error) {
    if (silent.signal.aborted && !signal.aborted) {
      throw new DdsError('DDS_STORE_UNREACHABLE', `the sink of ${site} does not answer`, { cause: error });
    }
    throw error;
  } finally {
    await lines.return();
  }
}

/** Aborts when the step takes longer; time that the caller spends on a line does not count. */
async function within<T>(ms: number, late: AbortController, step: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => late.abort(), ms);
  try {
    return await step();
  } finally {
    clearTimeout(timer);
  }
}
