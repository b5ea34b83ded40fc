import { expect, test } from 'vitest';
import { avroType, encodeWire } from '../../../src/runtime/serde/avro.ts';
import { thesisSchema } from '../../../src/runtime/serde/thesis-schemas.ts';
import { simulatedReadings } from '../../../src/runtime/simulator/readings.ts';
import { TemperatureEncoder } from '../../../src/runtime/simulator/temperature-encoder.ts';
import type { TemperatureUnit } from '../../../src/runtime/simulator/temperature-model.ts';

const type = avroType(thesisSchema('TemperatureData'));

test.each<[string, number, number, TemperatureUnit]>([
  ['edge-1-sensor-1', 1_785_000_000_123, 20.25, 'C'],
  ['Zürich, Süd ☀', 0, -273.15, 'F'],
  ['x', -1, 0, 'K'],
  ['s'.repeat(200), -2_208_988_800_000, 1e-300, 'C'],
  ['late', 2 ** 51, 1e300, 'C'],
  ['a', 63, 1, 'C'],
  ['a', 64, 1, 'C'],
])('%s at %d is encoded as the schema says', (sensorId, timestamp, temperature, unit) => {
  const encoder = new TemperatureEncoder(70_000, sensorId);
  const expected = encodeWire(70_000, type, { sensor_id: sensorId, timestamp, temperature, unit });
  expect(encoder.encode(timestamp, temperature, unit)).toEqual(expected);
  // The memory is used again: an encoding of another length in between must not matter.
  encoder.encode(7, 7, 'K');
  expect(encoder.encode(timestamp, temperature, unit)).toEqual(expected);
});

function bytes(seed: number, messages = 5000, sensors = 7): Buffer {
  const encoders = Array.from({ length: sensors }, (_, i) => new TemperatureEncoder(1, `sensor-${i}`));
  const readings = simulatedReadings(seed, 'C', { base: 20, target: 80, noise: 0.1 })(encoders, 0);
  const parts = Array.from({ length: messages }, (_, i) =>
    Buffer.from(readings.encode(i, i * 20, 1_785_000_000_000 + i * 20)),
  );
  return Buffer.concat(parts);
}

test('the same seed gives the same bytes, another seed others', () => {
  expect(bytes(11).equals(bytes(11))).toBe(true);
  expect(bytes(11).equals(bytes(12))).toBe(false);
});

test('every sensor has its turn once a round, in an order of the seed', () => {
  const encoders = Array.from({ length: 50 }, (_, i) => new TemperatureEncoder(1, `s${i}`));
  const { sensorOf } = simulatedReadings(4, 'C', { base: 0, target: 1, noise: 0 })(encoders, 0);
  const round = (from: number) => Array.from({ length: 50 }, (_, i) => sensorOf(from + i));
  expect(new Set(round(0)).size).toBe(50);
  expect(round(50)).toEqual(round(0));
  expect(round(0)).not.toEqual(Array.from({ length: 50 }, (_, i) => i));
});
