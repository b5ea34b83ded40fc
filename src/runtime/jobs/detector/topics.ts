import { thesisSchema } from '../../serde/index.ts';
import type { AvroSerdes, Serde, Topic } from '../../streams/index.ts';
import {
  type Reading,
  type SensorRegistration,
  type ThresholdEvent,
  thesisTopic,
} from '../records/thesis-records.ts';
import type { Interval } from './interval.ts';

export interface DetectorTopics {
  readings: Topic<string, Reading>;
  events: Topic<string, ThresholdEvent>;
  sensors: Topic<string, SensorRegistration>;
  /** Of the state. */
  interval: Serde<Interval>;
}

/** The topics with their Avro schemas. */
export function detectorTopics(avro: AvroSerdes, names: { topic: string; events: string }): DetectorTopics {
  return {
    readings: thesisTopic(avro, names.topic, 'TemperatureData'),
    events: thesisTopic(avro, names.events, 'TemperatureThresholdExceeded'),
    sensors: thesisTopic(avro, 'sensor-registration', 'SensorRegistration'),
    interval: avro.of<Interval>(thesisSchema('TemperatureThresholdAggregate')),
  };
}
