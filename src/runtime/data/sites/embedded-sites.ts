import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { connectStack } from '../../stack/connect.ts';
import type { SiteChoice } from './at-sites.ts';

/** A site whose broker is ours, and the API of its process (`engines/site-api.ts`). */
export interface EmbeddedSite {
  site: string;
  ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown>;
}

/**
 * Runs with the chosen sites: the named ones, else all that have an embedded broker. `what` (faults, nodes) is what others
 * don't have. Throws DDS_NO_STACK, DDS_UNKNOWN_SITE, and DDS_USAGE for a site of another engine.
 */
export async function withEmbeddedSites<T>(
  { stack, sites: names }: SiteChoice,
  what: string,
  context: RuntimeContext,
  run: (sites: EmbeddedSite[]) => Promise<T>,
): Promise<T> {
  const connection = await connectStack(context, { stack });
  try {
    const known = await connection.sites(names);
    const other = known.find(({ engine }) => engine !== 'embedded');
    const isNamed = names !== undefined && !names.includes('all');
    if (other && isNamed) {
      throw new DdsError(
        'DDS_USAGE',
        `${other.site} is a site of engine ${other.engine}; ${what} need embedded`,
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

/** The same for a change, which has to say where: throws DDS_USAGE when there are several sites and none is named. */
export function withEmbeddedSitesToChange<T>(
  choice: SiteChoice,
  what: string,
  context: RuntimeContext,
  run: (sites: EmbeddedSite[]) => Promise<T>,
): Promise<T> {
  return withEmbeddedSites(choice, what, context, (open) => {
    if (open.length > 1 && choice.sites === undefined) {
      throw new DdsError('DDS_USAGE', `there are ${open.length} sites: say at which`, {
        hint: `Add --site ${open[0]?.site}, or --site all.`,
      });
    }
    return run(open);
  });
}
