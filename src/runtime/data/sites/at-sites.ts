import { DdsError } from '../../../errors/index.ts';
import { kafkaAt, registryAt } from '../../../shared/access.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import { type Admin, createKafka } from '../../kafka/index.ts';
import { createRegistryClient, type RegistryClient } from '../../serde/index.ts';
import { connectStack } from '../../stack/connect.ts';
import type { SiteOutcome } from './outcomes.ts';

/** Which sites of which stack a command is for. */
export interface SiteChoice {
  stack?: string | undefined;
  /** Names, or `all`; nothing means every site where that is allowed. */
  sites?: readonly string[] | undefined;
}

/** A site with what is asked of it. Nothing is connected before it is needed. */
export interface OpenSite {
  readonly site: string;
  readonly admin: Admin;
  readonly registry: RegistryClient;
}

/** Opens the chosen sites, runs, and closes them. Throws DDS_NO_STACK, DDS_UNKNOWN_SITE. */
export async function withSites<T>(
  { stack, sites: names }: SiteChoice,
  context: RuntimeContext,
  run: (sites: OpenSite[]) => Promise<T>,
): Promise<T> {
  const connection = await connectStack(context, { stack });
  const chosen = await connection.sites(names).finally(() => connection.close());
  const opened = chosen.map((site) => ({
    site: site.site,
    kafka: createKafka(kafkaAt(site, 'dds'), { clock: context.clock }),
    registry: createRegistryClient(registryAt(site), { clock: context.clock }),
  }));
  try {
    return await run(opened.map(({ site, kafka, registry }) => ({ site, registry, admin: kafka.admin() })));
  } finally {
    await Promise.all(opened.map(({ kafka }) => kafka.close()));
  }
}

/** The same for a change, which has to say where: throws DDS_USAGE when there are several sites and none is named. */
export async function withSitesToChange<T>(
  choice: SiteChoice,
  context: RuntimeContext,
  run: (sites: OpenSite[]) => Promise<T>,
): Promise<T> {
  return withSites(choice, context, (sites) => {
    if (sites.length > 1 && choice.sites === undefined) {
      throw new DdsError('DDS_USAGE', `there are ${sites.length} sites: say at which`, {
        hint: `Add --site ${sites[0]?.site}, or --site all.`,
        details: { sites: sites.map(({ site }) => site) },
      });
    }
    return run(sites);
  });
}

/** Asks every site at once; the first that fails fails all. For what is found out before anything is changed. */
export function everySite<T>(sites: readonly OpenSite[], ask: (site: OpenSite) => Promise<T>): Promise<T[]> {
  return Promise.all(
    sites.map((site) =>
      ask(site).catch((error: unknown) => {
        throw atSite(site.site, error);
      }),
    ),
  );
}

/** Asks every site at once; one that fails takes nothing from the others. */
export function eachSite<T extends object>(
  sites: readonly OpenSite[],
  ask: (site: OpenSite) => Promise<T>,
): Promise<SiteOutcome<T>[]> {
  return Promise.all(
    sites.map(async (site): Promise<SiteOutcome<T>> => {
      try {
        return { site: site.site, ...(await ask(site)) };
      } catch (error) {
        return { site: site.site, error: atSite(site.site, error).toBody() };
      }
    }),
  );
}

function atSite(site: string, thrown: unknown): DdsError {
  const error = DdsError.from(thrown);
  return new DdsError(error.code, `${site}: ${error.message}`, {
    hint: error.hint,
    cause: error,
    details: { ...error.details, site },
  });
}
