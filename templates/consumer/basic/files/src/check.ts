import type { TemperatureData } from './records.ts';

const absoluteZero = { C: -273.15, F: -459.67, K: 0 } as const;

/** Why a reading cannot be true, or null. */
export function problemOf(reading: TemperatureData | null): string | null {
  if (reading === null) return 'there is no reading';
  const { sensor_id, temperature, unit } = reading;
  if (sensor_id === '') return 'the sensor has no id';
  if (!Number.isFinite(temperature)) return `the temperature is ${temperature}`;
  if (temperature < absoluteZero[unit]) return `${temperature} ${unit} is below absolute zero`;
  return null;
}
