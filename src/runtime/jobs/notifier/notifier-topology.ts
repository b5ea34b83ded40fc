import { type AvroSerdes, type Serde, type Topology, t, topology } from '../../streams/index.ts';
import {
  type DeviceRegistration,
  type SensorRegistration,
  type SensorTypeRegistration,
  type ThresholdEvent,
  thesisTopic,
} from '../records/thesis-records.ts';
import { beginOf, type Described, type Notification, notification } from './message.ts';

/** The last message of a sensor: what was told already is not told again. */
interface Told {
  begin: number;
  phase: 'START' | 'END';
}

export interface NotifierHooks {
  /** Sends a message; what it throws is the reason why the event goes to the dead-letter topic. */
  send(message: Notification): Promise<void>;
  /** An event that came again, after a crash of its detector or of this job. */
  onRepeated(): void;
  /** A sensor that is not registered: its message has the bare ids. */
  onUnknown(sensor: string): void;
}

type Event = { event: ThresholdEvent; known: Described };

const nobody: Described = { sensorName: null, deviceId: null, deviceName: null, location: null, unit: null };
const told = 'told';

/** One message when exceeding starts and one when it ends, with the names of sensor, device and place. */
export function notifierTopology(
  id: string,
  avro: AvroSerdes,
  events: string,
  hooks: NotifierHooks,
): Topology {
  const b = topology(id);
  const sensors = b.globalTable(
    thesisTopic<SensorRegistration>(avro, 'sensor-registration', 'SensorRegistration'),
    {
      as: 'sensors',
    },
  );
  const devices = b.globalTable(
    thesisTopic<DeviceRegistration>(avro, 'device-registration', 'DeviceRegistration'),
    {
      as: 'devices',
    },
  );
  const types = b.globalTable(
    thesisTopic<SensorTypeRegistration>(avro, 'sensor-type-registration', 'SensorTypeRegistration'),
    { as: 'sensor-types' },
  );
  b.stream(thesisTopic<ThresholdEvent>(avro, events, 'TemperatureThresholdExceeded'))
    .filter((_sensor, { phase }) => phase === 'START' || phase === 'END')
    .leftJoin(sensors, { by: (sensor) => sensor }, (event, sensor) => ({ event, sensor }))
    .leftJoin(
      devices,
      { by: (_sensor, { sensor }) => sensor?.device_id ?? '' },
      ({ event, sensor }, device) => ({ event, sensor, device }),
    )
    .leftJoin(
      types,
      { by: (_sensor, { sensor }) => sensor?.sensor_type_id ?? '' },
      ({ event, sensor, device }, type): Event => ({
        event,
        known: sensor
          ? {
              ...{ sensorName: sensor.name, deviceId: sensor.device_id, unit: type?.unit ?? null },
              ...{ deviceName: device?.name ?? null, location: device?.location || null },
            }
          : nobody,
      }),
    )
    .process<never, never>({
      as: 'notify',
      stores: { [told]: { key: t.string, value: t.json<Told>() as Serde<Told> } },
      async onRecord({ key: sensor, value: { event, known } }, context) {
        const phase = event.phase as 'START' | 'END';
        const begin = beginOf(event);
        const store = context.store(told);
        const last = store.get(sensor) as Told | null;
        if (
          last &&
          (begin < last.begin || (begin === last.begin && !(last.phase === 'START' && phase === 'END')))
        ) {
          hooks.onRepeated();
          return;
        }
        if (known.sensorName === null) hooks.onUnknown(sensor);
        await hooks.send(notification(sensor, event, phase, known));
        store.put(sensor, { begin, phase });
        // Told at once, so that a crash later on does not send it again.
        context.commit();
      },
    });
  return b.build();
}
