import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAvro, testDriver } from 'dds-lab/streams';
import { step, toCelsius } from '../src/alarm.ts';
import { readLimits } from '../src/limits.ts';
import type { TemperatureData } from '../src/records.ts';
import { thresholdTopology, topics } from '../src/topology.ts';

const limits = { threshold: 100, hysteresis: 0.5 };
const { readings, alarms } = topics(localAvro);
const reading = (
  sensor_id: string,
  temperature: number,
  unit: TemperatureData['unit'] = 'C',
): TemperatureData => ({ sensor_id, timestamp: 1_700_000_000_000, temperature, unit });

test('an alarm begins above the threshold and ends below the band, for each sensor on its own', () => {
  using driver = testDriver(thresholdTopology(localAvro, limits));
  const measure = (sensor: string, ...temperatures: number[]) => {
    for (const temperature of temperatures)
      driver.in(readings).pipe(sensor, reading(sensor, temperature));
    return driver
      .out(alarms)
      .drain()
      .map(({ key, value }) => `${key} ${value?.state} ${value?.temperature} ${value?.max}`);
  };
  assert.deepEqual(measure('a', 99, 100, 101, 105), ['a RAISED 101 101']);
  assert.deepEqual(measure('b', 120), ['b RAISED 120 120']);
  assert.deepEqual(measure('a', 99.6), []);
  assert.deepEqual(measure('a', 99.4), ['a CLEARED 99.4 105']);
  assert.deepEqual(measure('a', 99), []);
  assert.equal(driver.store('alarms').rows, 1);
});

test('units are converted before they are compared', () => {
  assert.equal(toCelsius(reading('a', 77, 'F')), 25);
  assert.ok(Math.abs(toCelsius(reading('a', 300, 'K')) - 26.85) < 1e-9);
  assert.equal(step(null, reading('a', 200, 'F'), limits).event, null);
  assert.equal(step(null, reading('a', 213, 'F'), limits).event?.state, 'RAISED');
});

test('limits come from the environment, and wrong ones are named', () => {
  assert.deepEqual(readLimits({ THRESHOLD: '-5.5' }), { threshold: -5.5, hysteresis: 0.5 });
  assert.throws(() => readLimits({ HYSTERESIS: 'much' }), /HYSTERESIS is "much"/);
});
