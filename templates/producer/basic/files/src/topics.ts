import { type AvroSerdes, t, topic } from 'dds-lab/kafka';
import { type TemperatureData, temperatureDataSchema } from './records.ts';

/** The key is the sensor's id, so that the readings of a sensor stay in order. */
export const readings = (avro: AvroSerdes) =>
  topic('{{topic}}', {
    key: t.string,
    value: avro.of<TemperatureData>(temperatureDataSchema),
  });
