import { type AvroSerdes, type Topology, t, topic, topology } from 'dds-lab/streams';
import { type Alarm, step } from './alarm.ts';
import type { Limits } from './limits.ts';
import {
  type TemperatureAlarm,
  type TemperatureData,
  temperatureAlarmSchema,
  temperatureDataSchema,
} from './records.ts';

export const topics = (avro: AvroSerdes) => ({
  readings: topic('{{input}}', {
    key: t.string,
    value: avro.of<TemperatureData>(temperatureDataSchema),
  }),
  alarms: topic('{{output}}', {
    key: t.string,
    value: avro.of<TemperatureAlarm>(temperatureAlarmSchema),
  }),
});

/** The job: the alarm of each sensor is kept in a store, which a restarted or moved job goes on with. */
export function thresholdTopology(avro: AvroSerdes, limits: Limits): Topology {
  const { readings, alarms } = topics(avro);
  const builder = topology('{{name}}');
  builder
    .stream(readings)
    .process<string, TemperatureAlarm>({
      as: 'watch',
      stores: { alarms: { key: t.string, value: t.json<Alarm>() } },
      ...{ key: alarms.key, value: alarms.value },
      onRecord({ key: sensor, value: reading }, context) {
        const store = context.store('alarms');
        const before = store.get(sensor) as Alarm | null;
        const { alarm, event } = step(before, reading, limits);
        if (alarm !== before) store.put(sensor, alarm);
        if (event !== null) context.forward(sensor, event);
      },
    })
    .to(alarms);
  return builder.build();
}
