import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { nearNames } from '../../shared/near-names.ts';
import { connectStack } from '../stack/connect.ts';
import type { SiteEndpoints } from '../stack/types.ts';
import {
  type DeviceEntry,
  type Registrations,
  readRegistrations,
  registerEntries,
  type SensorEntry,
  type SensorTypeEntry,
} from './registrations.ts';

export interface RegisterOptions {
  stack?: string | undefined;
  /** Default: every edge site, so that a sensor may report at any of them. */
  sites?: readonly string[] | undefined;
  /** Checks that what a sensor refers to is registered. Default true. */
  check?: boolean | undefined;
}

export type RegisterEntry =
  | { kind: 'device'; entry: DeviceEntry }
  | { kind: 'sensor'; entry: SensorEntry }
  | { kind: 'sensor-type'; entry: SensorTypeEntry };

export type RegisterResult = RegisterEntry & { sites: string[] };

/**
 * Registers a device, a sensor or a sensor type and waits for the acknowledgement of every chosen site.
 * @throws DDS_USAGE for an empty id, DDS_UNKNOWN_REFERENCE, DDS_NO_STACK, DDS_UNKNOWN_SITE, and what registerEntries throws
 */
export async function register(
  what: RegisterEntry,
  options: RegisterOptions,
  context: RuntimeContext,
): Promise<RegisterResult> {
  if (what.entry.id.trim() === '') throw new DdsError('DDS_USAGE', `the id of the ${what.kind} is empty`);
  const sites = await chooseSites(options, context, 'edge');
  if (what.kind === 'sensor' && options.check !== false) {
    // All sites are asked before one is written to.
    await Promise.all(sites.map((site) => checkReferences(what.entry, site)));
  }
  const entries = entriesOf(what);
  await Promise.all(sites.map((site) => registerEntries(site, entries)));
  return { ...what, sites: sites.map(({ site }) => site) };
}

function entriesOf(what: RegisterEntry): Partial<Registrations> {
  switch (what.kind) {
    case 'device':
      return { devices: [what.entry] };
    case 'sensor':
      return { sensors: [what.entry] };
    case 'sensor-type':
      return { sensorTypes: [what.entry] };
  }
}

/** The named sites; without names all that have the role, and all of them when none has. */
export async function chooseSites(
  { stack, sites: names }: Pick<RegisterOptions, 'stack' | 'sites'>,
  context: RuntimeContext,
  role: 'edge' | 'any',
): Promise<SiteEndpoints[]> {
  const connection = await connectStack(context, { stack });
  try {
    const sites = await connection.sites(names);
    const edges = sites.filter((site) => site.role === 'edge');
    return names || role === 'any' || edges.length === 0 ? sites : edges;
  } finally {
    connection.close();
  }
}

async function checkReferences(
  { id, deviceId, sensorTypeId }: SensorEntry,
  endpoints: SiteEndpoints,
): Promise<void> {
  const { site } = endpoints;
  const known = await readRegistrations(endpoints, ['devices', 'sensorTypes']);
  const references = [
    { what: 'device', wanted: deviceId, ids: known.devices.map((device) => device.id) },
    { what: 'sensor type', wanted: sensorTypeId, ids: known.sensorTypes.map((type) => type.id) },
  ];
  for (const { what, wanted, ids } of references) {
    if (ids.includes(wanted)) continue;
    const near = nearNames(wanted, ids, 1)[0];
    const first = ids.slice(0, 5).join(', ');
    const existing =
      ids.length === 0
        ? `No ${what} is registered at ${site} yet.`
        : `Registered at ${site}: ${first}${ids.length > 5 ? ` and ${ids.length - 5} more` : ''}.`;
    const hint = `${near ? `Did you mean ${near}? ` : ''}${existing} Register it first, or pass --no-check.`;
    throw new DdsError('DDS_UNKNOWN_REFERENCE', `sensor "${id}": no ${what} "${wanted}" at ${site}`, {
      hint,
      details: { site, reference: what, wanted, registered: ids },
    });
  }
}
