import { setInterval } from 'node:timers/promises';
import type { Options } from './options.ts';
import type { TemperatureData } from './records.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** One reading of a room: warm by day, cool by night. Put the driver of your own device here. */
export function measure(sensorId: string, atMs: number): TemperatureData {
  const sun = Math.sin((2 * Math.PI * (atMs % dayMs)) / dayMs);
  const noise = Math.random() - 0.5;
  return { sensor_id: sensorId, timestamp: atMs, temperature: 20 + 5 * sun + noise, unit: 'C' };
}

/** Measures every sensor once an interval until the signal aborts, which ends it with an AbortError. */
export async function* rounds(
  site: string,
  { sensors, intervalMs }: Options,
  signal: AbortSignal,
): AsyncGenerator<TemperatureData[]> {
  const ids = Array.from({ length: sensors }, (_, index) => `${site}-room-${index + 1}`);
  for await (const _ of setInterval(intervalMs, undefined, { signal })) {
    const now = Date.now();
    yield ids.map((id) => measure(id, now));
  }
}
