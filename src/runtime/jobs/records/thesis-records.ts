import { type ThesisRecord, thesisSchema } from '../../serde/index.ts';
import { type AvroSerdes, t, topic } from '../../streams/index.ts';
import type { TemperatureUnit } from './temperature-unit.ts';

/** A record of `temperature-data`. */
export interface Reading {
  sensor_id: string;
  /** ms since the epoch */
  timestamp: number;
  temperature: number;
  unit: TemperatureUnit;
}

/** START: exceeding begins; EXCEEDING: it goes on; END: it is over. */
export type Phase = 'START' | 'EXCEEDING' | 'END';

/** A record of `temperature-threshold-events`. Temperatures are in `unit`. */
export interface ThresholdEvent {
  /** Of the last exceeding sample, ms since the epoch. */
  timestamp: number;
  temperature_threshold: number;
  average_transgression: number;
  max_transgression: number;
  exceeded_for_ms: number;
  /** null, or not there, from a producer that does not tell. */
  phase?: Phase | null;
  unit?: TemperatureUnit | null;
}

export interface SensorRegistration {
  name: string;
  description: string;
  device_id: string;
  sensor_type_id: string;
}

export interface DeviceRegistration {
  name: string;
  description: string;
  location: string;
}

export interface SensorTypeRegistration {
  name: string;
  description: string;
  unit: string;
}

/** A topic of text keys and of values of one of the thesis's records. */
export const thesisTopic = <V>(avro: AvroSerdes, name: string, record: ThesisRecord) =>
  topic(name, { key: t.string, value: avro.of<V>(thesisSchema(record)) });
