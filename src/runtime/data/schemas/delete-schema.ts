import type { RuntimeContext } from '../../../shared/context.ts';
import type { RegistryClient } from '../../serde/index.ts';
import { eachSite, everySite, type SiteChoice, withSitesToChange } from '../sites/at-sites.ts';
import type { SiteOutcome } from '../sites/outcomes.ts';
import { parseSubject, type SubjectRef, unknownSubject } from './subject.ts';

export interface DeleteSchemaOptions extends SiteChoice {
  /** `SUBJECT` for all of its versions, or `SUBJECT:VERSION`. */
  subject: string;
  /** Forgets them for good; otherwise their ids stay readable and numbers are not used again. */
  permanent: boolean;
  dryRun: boolean;
  /** Asked with what would be done; throws to stop it. Not called with `dryRun`. */
  confirm(plan: DeleteSchemaResult): Promise<void>;
}

export interface DeleteSchemaResult {
  subject: string;
  permanent: boolean;
  dryRun: boolean;
  sites: SiteOutcome<{ versions: number[] }>[];
}

interface Plan {
  site: string;
  /** To be deleted. */
  versions: number[];
  /** Those of them that are not hidden yet. */
  live: number[];
}

/** Deletes a subject or one version of it, where it is. Throws DDS_UNKNOWN_SUBJECT, DDS_USAGE and what `confirm` throws. */
export function deleteSchema(
  options: DeleteSchemaOptions,
  context: RuntimeContext,
): Promise<DeleteSchemaResult> {
  const { permanent, dryRun } = options;
  const wanted = parseSubject(options.subject);
  return withSitesToChange(options, context, async (open) => {
    const last = options.subject.endsWith(':latest');
    const plans = await everySite(open, ({ site, registry }) =>
      planOf(site, registry, wanted, last, permanent),
    );
    const planAt = new Map(
      plans.filter(({ versions }) => versions.length > 0).map((plan) => [plan.site, plan]),
    );
    if (planAt.size === 0) {
      const known = await everySite(open, ({ registry }) => registry.subjects());
      throw unknownSubject(wanted, [...new Set(known.flat())]);
    }
    const result = { subject: wanted.subject, permanent, dryRun };
    const planned = {
      ...result,
      sites: [...planAt.values()].map(({ site, versions }) => ({ site, versions })),
    };
    if (dryRun) return planned;
    await options.confirm(planned);
    const where = open.filter(({ site }) => planAt.has(site));
    const sites = await eachSite(where, async ({ site, registry }) => {
      const { versions, live } = planAt.get(site)!;
      // All at once where it is all, because a later version may refer to an earlier one.
      const whole = wanted.version === null && !last;
      const steps = (numbers: number[]) => (whole ? (numbers.length > 0 ? [null] : []) : numbers);
      for (const version of steps(live)) await registry.deleteVersions(wanted.subject, version);
      if (permanent) {
        for (const version of steps(versions)) {
          await registry.deleteVersions(wanted.subject, version, { permanent });
        }
      }
      return { versions };
    });
    return { ...result, sites };
  });
}

async function planOf(
  site: string,
  registry: RegistryClient,
  { subject, version }: SubjectRef,
  last: boolean,
  permanent: boolean,
): Promise<Plan> {
  const live = await registry.versionNumbers(subject);
  const all = permanent ? await registry.versionNumbers(subject, { deleted: true }) : live;
  const number = last ? live.at(-1) : version;
  const takes = (one: number) => number === null || one === number;
  return { site, versions: all.filter(takes), live: live.filter(takes) };
}
