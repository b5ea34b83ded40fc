import type { RuntimeContext } from '../../../shared/context.ts';
import type { CountRequest, TableCount } from '../../jobs/sinks/index.ts';
import { connectStack } from '../../stack/connect.ts';
import { storesOf } from './ask-site.ts';

export interface CountOptions {
  stack?: string | undefined;
  /** Default: the central site, else the only one. */
  site?: string | undefined;
  allSites?: boolean | undefined;
  table: string;
  /** Columns; rows that differ in them are counted, too. */
  distinct?: readonly string[] | undefined;
  timeoutMs: number;
}

export interface SiteCount extends TableCount {
  site: string;
}

/** The answer of `dds query count --json`. */
export interface CountResult {
  table: string;
  sites: SiteCount[];
}

/**
 * Counts the rows of a table at one site, or at all that have a database, whichever it is. A table that is not there yet has none.
 * Throws DDS_SQL, DDS_SQL_TIMEOUT or DDS_STORE_UNREACHABLE.
 */
export async function countRows(options: CountOptions, context: RuntimeContext): Promise<CountResult> {
  const { table, distinct = [], timeoutMs } = options;
  const request: CountRequest = { table, distinct, timeoutMs };
  const stack = await connectStack(context, { stack: options.stack });
  try {
    const sites = await Promise.all(
      (await storesOf(stack, options)).map(async ({ site, service }) => {
        const path = `/services/${service}/count`;
        const counted = await stack.client.request('POST', path, request, context.signal);
        return { site, ...(counted as TableCount) };
      }),
    );
    return { table, sites };
  } finally {
    stack.close();
  }
}
