import { readFileSync } from 'node:fs';

/** The thesis's records (namespace `de.unistuttgart.ipvs.dds.avro`) and the files they are in. */
const files = {
  DeviceRegistration: 'device-registration.avsc',
  SensorRegistration: 'sensor-registration.avsc',
  SensorTypeRegistration: 'sensor-type-registration.avsc',
  TemperatureData: 'temperature-data.avsc',
  TemperatureThresholdExceeded: 'temperature-threshold-exceeded.avsc',
  TemperatureThresholdAggregate: 'temperature-threshold-aggregate.avsc',
} as const;

export type ThesisRecord = keyof typeof files;
export const thesisRecords = Object.keys(files) as ThesisRecord[];

/** Which record the values of the thesis's topics are. */
export const thesisTopics = {
  'temperature-data': 'TemperatureData',
  'temperature-threshold-events': 'TemperatureThresholdExceeded',
  'device-registration': 'DeviceRegistration',
  'sensor-registration': 'SensorRegistration',
  'sensor-type-registration': 'SensorTypeRegistration',
} as const satisfies Record<string, ThesisRecord>;

export type ThesisTopic = keyof typeof thesisTopics;

/** The schema's text, as one line of JSON: the text that gets registered. */
export function thesisSchema(record: ThesisRecord): string {
  return JSON.stringify(JSON.parse(readFileSync(thesisSchemaPath(record), 'utf8')));
}

/** Absolute URL of the schema's file. `schemas/` is three levels up both from `src/` and from `dist/`. */
export function thesisSchemaPath(record: ThesisRecord): URL {
  return new URL(`../../../schemas/${files[record]}`, import.meta.url);
}
