import { type AvroSerdes, type Topology, t, topic, topology } from 'dds-lab/streams';
import {
  type DeviceRegistration,
  deviceRegistrationSchema,
  type EnrichedReading,
  enrichedReadingSchema,
  type SensorRegistration,
  sensorRegistrationSchema,
  type TemperatureData,
  temperatureDataSchema,
} from './records.ts';

export const topics = (avro: AvroSerdes) => ({
  readings: topic('{{input}}', {
    key: t.string,
    value: avro.of<TemperatureData>(temperatureDataSchema),
  }),
  sensors: topic('sensor-registration', {
    key: t.string,
    value: avro.of<SensorRegistration>(sensorRegistrationSchema),
  }),
  devices: topic('device-registration', {
    key: t.string,
    value: avro.of<DeviceRegistration>(deviceRegistrationSchema),
  }),
  enriched: topic('{{output}}', {
    key: t.string,
    value: avro.of<EnrichedReading>(enrichedReadingSchema),
  }),
});

/**
 * The job. Registrations are global tables: every instance has all of them, so that they need neither the key nor the
 * partitions of the readings. A left join lets readings of unknown sensors through.
 */
export function enrichTopology(avro: AvroSerdes): Topology {
  const { readings, sensors, devices, enriched } = topics(avro);
  const builder = topology('{{name}}');
  const sensorTable = builder.globalTable(sensors, { as: 'sensors' });
  const deviceTable = builder.globalTable(devices, { as: 'devices' });
  builder
    .stream(readings)
    .leftJoin(sensorTable, { by: (_key, { sensor_id }) => sensor_id }, withSensor)
    // No device has the id ''.
    .leftJoin(deviceTable, { by: (_key, { sensor }) => sensor?.device_id ?? '' }, withDevice)
    .to(enriched);
  return builder.build();
}

interface WithSensor {
  reading: TemperatureData;
  sensor: SensorRegistration | null;
}

const withSensor = (reading: TemperatureData, sensor: SensorRegistration | null): WithSensor => ({
  reading,
  sensor,
});

const withDevice = (
  { reading, sensor }: WithSensor,
  device: DeviceRegistration | null,
): EnrichedReading => ({
  ...reading,
  sensor: sensor?.name ?? null,
  device: device?.name ?? null,
  location: device?.location ?? null,
});
