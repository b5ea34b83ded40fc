import type { RuntimeContext } from '../../../shared/context.ts';
import type { StoredTables } from '../../jobs/sinks/index.ts';
import { connectStack } from '../../stack/connect.ts';
import { storesOf } from './ask-site.ts';

export interface TablesOptions {
  stack?: string | undefined;
  /** Default: the central site, else the only one. */
  site?: string | undefined;
}

export interface TablesResult extends StoredTables {
  site: string;
}

/** The tables of a site's database, with their columns and number of rows. */
export async function queryTables(options: TablesOptions, context: RuntimeContext): Promise<TablesResult> {
  const stack = await connectStack(context, { stack: options.stack });
  try {
    const [store] = await storesOf(stack, { site: options.site });
    const tables = (await stack.request('GET', `/services/${store!.service}/tables`)) as StoredTables;
    return { site: store!.site, ...tables };
  } finally {
    stack.close();
  }
}
