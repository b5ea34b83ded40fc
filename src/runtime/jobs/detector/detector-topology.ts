import { type ProcessorContext, type Topology, t, topology } from '../../streams/index.ts';
import { convertTemperature, temperatureUnits } from '../records/temperature-unit.ts';
import type { Phase, Reading, SensorRegistration, ThresholdEvent } from '../records/thesis-records.ts';
import { type Interval, type Limits, takeSample } from './interval.ts';
import type { DetectorOptions } from './options.ts';
import type { DetectorTopics } from './topics.ts';

const intervals = 'intervals';
const sensorTable = 'sensors';

export interface DetectorHooks {
  /** A sample came that is older than one of its sensor before. */
  onLate?: () => void;
  onEvent?: (phase: Phase) => void;
}

/** Reads measurements and writes where they exceed the threshold; knows nothing of where it runs. */
export function detectorTopology(
  id: string,
  topics: DetectorTopics,
  options: DetectorOptions,
  hooks: DetectorHooks = {},
): Topology {
  const b = topology(id);
  // Only thresholds of sensor types need to know which sensor is of which type.
  if (options.types.size > 0) b.globalTable(topics.sensors, { as: sensorTable });
  b.stream(topics.readings)
    .process<string, ThresholdEvent>({
      as: 'detect',
      stores: { [intervals]: { key: t.string, value: topics.interval } },
      onRecord: ({ key, value }, context) => detect(key, value, context, options, hooks),
      ...{ key: topics.events.key, value: topics.events.value },
    })
    .to(topics.events);
  return b.build();
}

function detect(
  sensor: string | null,
  reading: Reading | null,
  context: ProcessorContext<string, ThresholdEvent>,
  options: DetectorOptions,
  { onLate, onEvent }: DetectorHooks,
): void {
  if (sensor === null || reading === null) {
    context.drop(sensor === null ? 'null-key' : 'null-value');
    return;
  }
  const { timestamp, temperature, unit } = reading;
  if (!Number.isFinite(temperature) || !temperatureUnits.includes(unit))
    throw new Error(`the temperature of ${sensor} is ${temperature} ${unit}`);
  const limits: Limits = { threshold: thresholdOf(sensor, context, options), hysteresis: options.hysteresis };
  const store = context.store(intervals);
  const before = store.get(sensor) as Interval | null;
  const value = convertTemperature(temperature, unit, options.unit);
  const { interval, phase, late } = takeSample(before, timestamp, value, limits);
  if (late) onLate?.();
  if (interval !== before) store.put(sensor, interval);
  if (phase === null || (phase === 'EXCEEDING' && options.emit === 'transitions')) return;
  onEvent?.(phase);
  context.forward(sensor, eventOf(interval!, phase, limits.threshold, options));
}

function eventOf(
  interval: Interval,
  phase: Phase,
  threshold: number,
  { unit }: DetectorOptions,
): ThresholdEvent {
  return {
    timestamp: interval.latest_transgression,
    temperature_threshold: threshold,
    average_transgression: interval.average_transgression_temperature,
    max_transgression: interval.max_transgression_temperature,
    exceeded_for_ms: interval.latest_transgression - interval.first_transgression,
    phase,
    unit,
  };
}

function thresholdOf(
  sensor: string,
  context: ProcessorContext<string, ThresholdEvent>,
  { threshold, sensors, types }: DetectorOptions,
): number {
  const own = sensors.size > 0 ? sensors.get(sensor) : undefined;
  if (own !== undefined) return own;
  if (types.size === 0) return threshold;
  const registered = context.store(sensorTable).get(sensor) as SensorRegistration | null;
  return (registered && types.get(registered.sensor_type_id)) ?? threshold;
}
