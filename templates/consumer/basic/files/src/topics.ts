import { type AvroSerdes, t, topic } from 'dds-lab/kafka';
import { type TemperatureData, temperatureDataSchema } from './records.ts';

export const readings = (avro: AvroSerdes) =>
  topic('{{topic}}', {
    key: t.string,
    value: avro.of<TemperatureData>(temperatureDataSchema),
  });
