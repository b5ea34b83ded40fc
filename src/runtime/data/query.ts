import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import type { QueryAnswer } from '../jobs/sinks/query.ts';
import { connectStack } from '../stack/connect.ts';

export interface QueryOptions {
  stack?: string | undefined;
  /** Default: the central site, else the only one. */
  site?: string | undefined;
  sql: string;
  maxRows: number;
  timeoutMs: number;
}

export interface QueryResult extends QueryAnswer {
  site: string;
}

/** Asks the sink that owns a site's database; the sink goes on writing meanwhile. */
export async function query(options: QueryOptions, context: RuntimeContext): Promise<QueryResult> {
  const stack = await connectStack(context, { stack: options.stack });
  try {
    const { sites, services } = await stack.status();
    const name =
      options.site ?? (sites.length === 1 ? sites : sites.filter(({ role }) => role === 'central'))[0]?.site;
    if (name === undefined) {
      throw new DdsError('DDS_USAGE', 'there are several sites and none of them is central', {
        hint: `Choose one with --site: ${sites.map(({ site }) => site).join(', ')}.`,
      });
    }
    await stack.sites([name]);
    const sink = services.find(({ kind, site }) => kind === 'sink' && site === name);
    if (!sink) {
      throw new DdsError('DDS_STORE_UNREACHABLE', `the site ${name} has no sink, and so no database`, {
        hint: 'Add one to dds.yaml.',
      });
    }
    const body = { sql: options.sql, maxRows: options.maxRows, timeoutMs: options.timeoutMs };
    const answer = (await stack.request('POST', `/services/${sink.service}/query`, body)) as QueryAnswer;
    return { site: name, ...answer };
  } finally {
    stack.close();
  }
}
