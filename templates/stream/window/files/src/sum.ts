import type { TemperatureData, TemperatureMean } from './records.ts';

/** What is kept of a window while it is open. */
export interface Sum {
  count: number;
  sum: number;
  min: number;
  max: number;
}

// JSON, in which stores keep it, knows no infinity.
export const nothing: Sum = { count: 0, sum: 0, min: Number.MAX_VALUE, max: -Number.MAX_VALUE };

export function add(before: Sum, reading: TemperatureData): Sum {
  const celsius = toCelsius(reading);
  return {
    count: before.count + 1,
    sum: before.sum + celsius,
    min: Math.min(before.min, celsius),
    max: Math.max(before.max, celsius),
  };
}

export function meanOf(
  { count, sum, min, max }: Sum,
  { start, end }: { start: number; end: number },
): TemperatureMean {
  return { start, end, count, mean: sum / count, min, max };
}

function toCelsius({ temperature, unit }: TemperatureData): number {
  if (unit === 'F') return ((temperature - 32) * 5) / 9;
  return unit === 'K' ? temperature - 273.15 : temperature;
}
