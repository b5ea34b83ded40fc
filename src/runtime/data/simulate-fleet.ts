import type { Fleet } from '../simulator/index.ts';
import type { SiteEndpoints } from '../stack/types.ts';
import { registerEntries } from './registrations.ts';

/**
 * Registers a fleet: each site gets the sensor type and its own devices and sensors, so that joins find them.
 * @throws what `registerEntries` throws
 */
export async function registerFleet(fleet: Fleet, sites: readonly SiteEndpoints[]): Promise<void> {
  const at = <Entry extends { site: number }>(entries: readonly Entry[], index: number) =>
    entries.filter(({ site }) => site === index).map(({ site: _, ...entry }) => entry);
  await Promise.all(
    sites.map((site, index) => {
      const sensors = at(fleet.sensors, index);
      if (sensors.length === 0) return undefined;
      return registerEntries(site, {
        sensorTypes: [fleet.sensorType],
        devices: at(fleet.devices, index),
        sensors: sensors.map((sensor) => ({ ...sensor, sensorTypeId: fleet.sensorType.id })),
      });
    }),
  );
}
