import { type AvroSerdes, type Topology, t, topic, topology, tumbling } from 'dds-lab/streams';
import {
  type TemperatureData,
  type TemperatureMean,
  temperatureDataSchema,
  temperatureMeanSchema,
} from './records.ts';
import { add, meanOf, nothing, type Sum } from './sum.ts';
import type { Window } from './window.ts';

export const topics = (avro: AvroSerdes) => ({
  readings: topic('{{input}}', {
    key: t.string,
    value: avro.of<TemperatureData>(temperatureDataSchema),
    // Windows go by when it was measured, not by when Kafka got it.
    timestamp: ({ value, timestamp }) => value?.timestamp ?? timestamp,
  }),
  means: topic('{{output}}', {
    key: t.string,
    value: avro.of<TemperatureMean>(temperatureMeanSchema),
  }),
});

/** The job: one record for each sensor and window, when the window closes. */
export function windowTopology(avro: AvroSerdes, { sizeMs, graceMs }: Window): Topology {
  const { readings, means } = topics(avro);
  const builder = topology('{{name}}');
  builder
    .stream(readings)
    .groupByKey()
    .windowedBy(tumbling(sizeMs, { graceMs }))
    .emit('final')
    .aggregate({
      as: 'sums',
      value: t.json<Sum>(),
      init: () => nothing,
      add: (_sensor, reading, sum) => add(sum, reading),
    })
    .toStream()
    .map((window, sum) => [window.key, sum && meanOf(sum, window)], means)
    .to(means);
  return builder.build();
}
