import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { lookAtExternal } from './check-external.ts';
import type { DoctorCheck, DoctorOptions } from './doctor.ts';
import { askedFor } from './up-plan.ts';

/** Whether the clusters of the topology that dds does not start let us in: a line for each part of a site. */
export async function clusterChecks(options: DoctorOptions, context: RuntimeContext): Promise<DoctorCheck[]> {
  // A topology that cannot be read is what another check says.
  const asked = await askedFor(options, context).catch(() => null);
  if (!asked) return [];
  const looks = await lookAtExternal(asked.topology.sites, asked.directory);
  return Promise.all(
    looks.map(async ({ site, part, answer }): Promise<DoctorCheck> => {
      const check = `${site} ${part}`;
      try {
        return { check, verdict: 'ok', found: await answer, todo: null };
      } catch (cause) {
        const { message, hint } = DdsError.from(cause);
        return { check, verdict: 'fail', found: message.replace(`${site}: `, ''), todo: hint };
      }
    }),
  );
}
