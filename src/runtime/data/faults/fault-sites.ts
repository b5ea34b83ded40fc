import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { connectStack } from '../../stack/connect.ts';
import type { SiteChoice } from '../sites/at-sites.ts';

/** A site whose broker can be given faults. */
export interface FaultSite {
  site: string;
  ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
}

/**
 * Runs with the chosen sites: the named ones, else all that have an embedded broker. Throws DDS_NO_STACK, DDS_UNKNOWN_SITE,
 * and DDS_USAGE for a site of another engine.
 */
export async function withFaultSites<T>(
  { stack, sites: names }: SiteChoice,
  context: RuntimeContext,
  run: (sites: FaultSite[]) => Promise<T>,
): Promise<T> {
  const connection = await connectStack(context, { stack });
  try {
    const known = await connection.sites(names);
    const other = known.find(({ engine }) => engine !== 'embedded');
    const isNamed = names !== undefined && !names.includes('all');
    if (other && isNamed) {
      throw new DdsError(
        'DDS_USAGE',
        `${other.site} is a site of engine ${other.engine}; faults need embedded`,
        {
          hint: `Give the site "engine: embedded" in dds.yaml, or name another.`,
        },
      );
    }
    return await run(
      known
        .filter(({ engine }) => engine === 'embedded')
        .map(({ site }) => ({
          site,
          ask: (method, path, body) => connection.request(method, `/services/${site}/site${path}`, body),
        })),
    );
  } finally {
    connection.close();
  }
}
