import type { Limits } from './limits.ts';
import type { TemperatureAlarm, TemperatureData } from './records.ts';

/** What is remembered of a sensor that is too hot. */
export interface Alarm {
  max: number;
}

export interface Step {
  /** null: all is well. */
  alarm: Alarm | null;
  /** Set when the alarm begins or ends. */
  event: TemperatureAlarm | null;
}

/** Takes one reading of a sensor. */
export function step(before: Alarm | null, reading: TemperatureData, limits: Limits): Step {
  const { threshold, hysteresis } = limits;
  const temperature = toCelsius(reading);
  const event = (state: TemperatureAlarm['state'], max: number): TemperatureAlarm => ({
    ...{ state, timestamp: reading.timestamp, temperature, max, threshold },
  });
  if (before === null) {
    if (temperature <= threshold) return { alarm: null, event: null };
    return { alarm: { max: temperature }, event: event('RAISED', temperature) };
  }
  const { max } = before;
  if (temperature < threshold - hysteresis) return { alarm: null, event: event('CLEARED', max) };
  return { alarm: { max: Math.max(max, temperature) }, event: null };
}

export function toCelsius({ temperature, unit }: TemperatureData): number {
  if (unit === 'F') return ((temperature - 32) * 5) / 9;
  return unit === 'K' ? temperature - 273.15 : temperature;
}
