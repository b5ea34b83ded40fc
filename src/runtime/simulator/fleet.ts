import type { TemperatureUnit } from './temperature-model.ts';

export interface FleetDevice {
  id: string;
  /** Index into the fleet's sites. */
  site: number;
  name: string;
  description: string;
  location: string;
}

export interface FleetSensor {
  id: string;
  /** Index into the fleet's sites. */
  site: number;
  deviceId: string;
  name: string;
  description: string;
}

/** Sensors and their devices, spread over sites; all of one type. */
export interface Fleet {
  sites: readonly string[];
  sensorType: { id: string; name: string; description: string; unit: TemperatureUnit };
  devices: FleetDevice[];
  sensors: FleetSensor[];
}

/** Sensors that share one simulated device. */
const sensorsPerDevice = 10;

/** `count` simulated sensors, spread evenly over the sites; the ids do not depend on the seed. */
export function simulatedFleet(sites: readonly string[], count: number, unit: TemperatureUnit): Fleet {
  const fleet: Fleet = {
    sites,
    sensorType: {
      id: 'simulated-temperature',
      name: 'Simulated temperature sensor',
      description: 'Approaches a target temperature, with noise and spikes',
      unit,
    },
    devices: [],
    sensors: [],
  };
  const devices = new Map<string, FleetDevice>();
  for (let i = 0; i < count; i++) {
    const site = i % sites.length;
    const name = sites[site]!;
    const number = Math.floor(i / sites.length);
    const deviceNumber = Math.floor(number / sensorsPerDevice) + 1;
    const deviceId = `${name}-device-${deviceNumber}`;
    if (!devices.has(deviceId)) {
      devices.set(deviceId, {
        id: deviceId,
        site,
        name: `Simulated device ${deviceNumber}`,
        description: '',
        location: name,
      });
    }
    fleet.sensors.push({
      id: `${name}-sensor-${number + 1}`,
      site,
      deviceId,
      name: `Simulated sensor ${number + 1}`,
      description: '',
    });
  }
  fleet.devices.push(...devices.values());
  return fleet;
}

/** The sensors of a recording: their ids are those in the file, spread over the sites in order of appearance. */
export function recordedFleet(
  sites: readonly string[],
  sensorIds: readonly string[],
  unit: TemperatureUnit,
  file: string,
): Fleet {
  const used = sites.slice(0, sensorIds.length);
  const description = `Replays ${file}`;
  return {
    sites,
    sensorType: { id: 'recorded-temperature', name: 'Recorded temperature sensor', description, unit },
    devices: used.map((name, site) => ({
      id: `${name}-recorder`,
      site,
      name: 'Recorder',
      description,
      location: name,
    })),
    sensors: sensorIds.map((id, i) => {
      const site = i % sites.length;
      return { id, site, deviceId: `${sites[site]}-recorder`, name: id, description };
    }),
  };
}
