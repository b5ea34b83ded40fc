import { expect, test } from 'vitest';
import { detectorTopology } from '../../../../src/runtime/jobs/detector/detector-topology.ts';
import type { Interval } from '../../../../src/runtime/jobs/detector/interval.ts';
import { defaultDetector, detectorOptions } from '../../../../src/runtime/jobs/detector/options.ts';
import type {
  Reading,
  SensorRegistration,
  ThresholdEvent,
} from '../../../../src/runtime/jobs/records/thesis-records.ts';
import { t, testDriver, topic } from '../../../../src/runtime/streams/index.ts';

const topics = {
  readings: topic('temperature-data', { key: t.string, value: t.json<Reading>() }),
  events: topic('temperature-threshold-events', { key: t.string, value: t.json<ThresholdEvent>() }),
  sensors: topic('sensor-registration', { key: t.string, value: t.json<SensorRegistration>() }),
  interval: t.json<Interval>(),
};

/** Pipes readings of `[sensor, time, temperature, unit]` through a detector. */
function detect(
  readings: readonly (readonly [string, number, number, Reading['unit']?])[],
  settings: Partial<Parameters<typeof detectorOptions>[0]> = {},
  registered: Record<string, string> = {},
) {
  let late = 0;
  const options = detectorOptions({ ...defaultDetector, ...settings });
  using driver = testDriver(detectorTopology('detector', topics, options, { onLate: () => void late++ }));
  for (const [sensor, sensor_type_id] of Object.entries(registered)) {
    const value = { name: sensor, description: '', device_id: 'd', sensor_type_id };
    driver.in(topics.sensors).pipe(sensor, value);
  }
  for (const [sensor_id, timestamp, temperature, unit = 'C'] of readings)
    driver
      .in(topics.readings)
      .pipe(sensor_id, { sensor_id, timestamp, temperature, unit }, { ts: timestamp });
  const events = driver.out(topics.events).drain();
  return { events, late, phases: events.map(({ key, value }) => `${key} ${value!.phase}`) };
}

test('a START and an END for each sensor, the END with the whole interval', () => {
  const { events, phases } = detect([
    ['a', 1000, 101],
    ['b', 1500, 99],
    ['a', 2000, 105],
    ['b', 2500, 130],
    ['a', 3000, 103],
    ['a', 4000, 90],
  ]);
  expect(phases).toEqual(['a START', 'b START', 'a END']);
  expect(events[0]!.value).toEqual({
    ...{ timestamp: 1000, temperature_threshold: 100, average_transgression: 101, max_transgression: 101 },
    ...{ exceeded_for_ms: 0, phase: 'START', unit: 'C' },
  });
  expect(events[2]!.value).toEqual({
    ...{ timestamp: 3000, temperature_threshold: 100, average_transgression: 103.5, max_transgression: 105 },
    ...{ exceeded_for_ms: 2000, phase: 'END', unit: 'C' },
  });
});

test('with every, each exceeding sample is an event, too', () => {
  const { phases, late } = detect(
    [
      ['a', 1000, 101],
      ['a', 2000, 105],
      ['a', 1500, 120],
      ['a', 3000, 20],
    ],
    { emit: 'every' },
  );
  expect(phases).toEqual(['a START', 'a EXCEEDING', 'a EXCEEDING', 'a END']);
  expect(late).toBe(1);
});

test('readings are compared in the unit of the detector', () => {
  const { events } = detect(
    [
      ['a', 1, 24.9],
      ['b', 1, 25.1],
      ['c', 1, 300, 'K'],
      ['d', 1, 78, 'F'],
    ],
    { threshold: '77', unit: 'f' },
  );
  expect(events.map(({ key }) => key)).toEqual(['b', 'c', 'd']);
  expect(events[1]!.value!.max_transgression).toBeCloseTo(80.33, 2);
  expect(events[1]!.value!.unit).toBe('F');
});

test('a sensor has its own threshold, else that of its type, else the common one', () => {
  const { phases } = detect(
    [
      ['a', 1, 60],
      ['b', 1, 60],
      ['c', 1, 60],
      ['d', 1, 101],
    ],
    { sensors: 'a=50', types: 'oven=250,fridge=8' },
    { a: 'oven', b: 'fridge', c: 'oven' },
  );
  expect(phases).toEqual(['a START', 'b START', 'd START']);
});

test.each([
  [{ threshold: 'hot' }, '--threshold hot is not a number'],
  [{ unit: 'R' }, '--unit R is none of C, F, K'],
  [{ hysteresis: '-1' }, '--hysteresis -1 is negative'],
  [{ sensors: 'a' }, '--sensor-thresholds a is not ID=THRESHOLD'],
  [{ types: 'a=b' }, '--type-thresholds b is not a number'],
])('%j is refused', (settings, message) => {
  expect(() => detectorOptions({ ...defaultDetector, ...settings })).toThrow(message);
});
