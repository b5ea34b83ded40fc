import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { nearNames } from '../../shared/near-names.ts';
import { chooseSites, type RegisterEntry } from './register.ts';
import {
  type RegistrationKind,
  type Registrations,
  readRegistrations,
  removeEntry,
} from './registrations.ts';

export interface UnregisterOptions {
  stack?: string | undefined;
  /** Default: the edge sites that have the entry. */
  sites?: readonly string[] | undefined;
  kind: RegisterEntry['kind'];
  id: string;
  /** Removes it also when sensors refer to it. */
  force?: boolean | undefined;
}

export interface UnregisterResult {
  kind: RegisterEntry['kind'];
  id: string;
  /** Where it was removed. */
  sites: string[];
}

const kindOf: Record<RegisterEntry['kind'], RegistrationKind> = {
  device: 'devices',
  sensor: 'sensors',
  'sensor-type': 'sensorTypes',
};

/**
 * Removes a registration and waits for the acknowledgement.
 * @throws DDS_NOT_REGISTERED, DDS_STILL_REFERENCED, and what readRegistrations throws
 */
export async function unregister(
  options: UnregisterOptions,
  context: RuntimeContext,
): Promise<UnregisterResult> {
  const { id } = options;
  const kind = kindOf[options.kind];
  const sites = await chooseSites(options, context, 'edge');
  const found = await Promise.all(
    sites.map(async (endpoints) => ({
      endpoints,
      entries: await readRegistrations(endpoints, [kind, 'sensors']),
    })),
  );
  const having = found.filter(({ entries }) => entries[kind].some((entry) => entry.id === id));
  if (having.length === 0) {
    const ids = new Set(found.flatMap(({ entries }) => entries[kind].map((entry) => entry.id)));
    throw notRegistered(
      options,
      sites.map(({ site }) => site),
      [...ids],
    );
  }
  if (!options.force) {
    for (const { endpoints, entries } of having) refuseReferenced(options, endpoints.site, entries);
  }
  await Promise.all(having.map(({ endpoints }) => removeEntry(endpoints, kind, id)));
  return { kind: options.kind, id, sites: having.map(({ endpoints }) => endpoints.site) };
}

function notRegistered({ kind, id }: UnregisterOptions, sites: string[], ids: string[]): DdsError {
  const near = nearNames(id, ids, 1)[0];
  return new DdsError('DDS_NOT_REGISTERED', `no ${kind} "${id}" at ${sites.join(', ')}`, {
    ...(near !== undefined && { hint: `Did you mean ${near}?` }),
    details: { kind, id, sites },
  });
}

function refuseReferenced({ kind, id }: UnregisterOptions, site: string, { sensors }: Registrations): void {
  const referring = sensors.filter(
    (sensor) =>
      (kind === 'device' && sensor.deviceId === id) || (kind === 'sensor-type' && sensor.sensorTypeId === id),
  );
  if (referring.length === 0) return;
  const ids = referring.map((sensor) => sensor.id);
  const more = ids.length > 3 ? ` and ${ids.length - 3} more` : '';
  throw new DdsError(
    'DDS_STILL_REFERENCED',
    `${kind} "${id}" still has ${ids.length === 1 ? 'a sensor' : `${ids.length} sensors`} at ${site}: ${ids.slice(0, 3).join(', ')}${more}`,
    { details: { kind, id, site, sensors: ids } },
  );
}
