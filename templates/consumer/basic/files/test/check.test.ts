import assert from 'node:assert/strict';
import { test } from 'node:test';
import { problemOf } from '../src/check.ts';
import type { TemperatureData } from '../src/records.ts';

const reading = (changes: Partial<TemperatureData> = {}): TemperatureData => ({
  ...{ sensor_id: 's1', timestamp: 1_700_000_000_000, temperature: 21.5, unit: 'C' },
  ...changes,
});

test('what can be true passes', () => {
  assert.equal(problemOf(reading()), null);
  assert.equal(problemOf(reading({ temperature: -273.15 })), null);
  assert.equal(problemOf(reading({ temperature: -400, unit: 'F' })), null);
});

test('what cannot be true is told in one line', () => {
  assert.equal(problemOf(null), 'there is no reading');
  assert.equal(problemOf(reading({ sensor_id: '' })), 'the sensor has no id');
  assert.equal(problemOf(reading({ temperature: Number.NaN })), 'the temperature is NaN');
  assert.equal(problemOf(reading({ temperature: -1, unit: 'K' })), '-1 K is below absolute zero');
});
