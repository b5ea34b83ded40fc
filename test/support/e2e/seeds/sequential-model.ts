import { Random } from '../../../../src/shared/random.ts';

export const threshold = 100;
export const hysteresis = 2;
const sensorsOfSite = 8;

export interface Reading {
  sensor_id: string;
  /** ms since the epoch */
  timestamp: number;
  temperature: number;
  unit: 'C';
}

/** What the detector says, with all that has to be right about it. */
export interface Event {
  sensor: string;
  phase: 'START' | 'END';
  timestamp: number;
  max: number;
  average: number;
  lastedMs: number;
}

/**
 * The readings of a site's sensors, one a second, in the order in which they are sent. A sensor's name tells the seed: many can
 * share a stack.
 */
export function readingsOf(seed: number, site: string, count: number, firstMs: number): Reading[] {
  const random = new Random(seed, Number(site.at(-1)));
  const temperatures = Array.from({ length: sensorsOfSite }, () => random.uniform(95, 101));
  return Array.from({ length: count }, (_, at) => {
    const sensor = Math.floor(random.uniform(0, sensorsOfSite));
    const moved = temperatures[sensor]! + random.uniform(-2.5, 2.5);
    temperatures[sensor] = Math.min(104, Math.max(95, moved));
    return {
      sensor_id: `${sensorsOf(seed)}${site}-${sensor}`,
      // Each is another one of its sensor, at times that are not evenly spaced.
      timestamp: firstMs + at * 1000 + Math.floor(random.uniform(0, 1000)),
      temperature: Math.round(temperatures[sensor]! * 4) / 4,
      unit: 'C',
    };
  });
}

/** How names of the sensors of a seed begin. */
export const sensorsOf = (seed: number) => `seed${seed}-`;

/** The events of readings that are worked on one after the other, by a program that never dies. */
export function eventsOf(readings: readonly Reading[]): Event[] {
  const events: Event[] = [];
  const hot = new Map<string, Reading[]>();
  for (const reading of readings) {
    const { sensor_id: sensor, timestamp, temperature } = reading;
    const interval = hot.get(sensor);
    if (!interval) {
      if (temperature <= threshold) continue;
      hot.set(sensor, [reading]);
      events.push({
        ...{ sensor, phase: 'START', timestamp },
        ...{ max: temperature, average: temperature, lastedMs: 0 },
      });
    } else if (temperature >= threshold - hysteresis) interval.push(reading);
    else {
      hot.delete(sensor);
      events.push({ sensor, phase: 'END', ...figuresOf(interval) });
    }
  }
  return events;
}

function figuresOf(interval: readonly Reading[]): Omit<Event, 'sensor' | 'phase'> {
  const [first, last] = [interval[0]!, interval.at(-1)!];
  const lastedMs = last.timestamp - first.timestamp;
  let area = 0;
  for (let i = 1; i < interval.length; i++) {
    const [from, to] = [interval[i - 1]!, interval[i]!];
    area += ((from.temperature + to.temperature) / 2) * (to.timestamp - from.timestamp);
  }
  return {
    timestamp: last.timestamp,
    max: Math.max(...interval.map(({ temperature }) => temperature)),
    average: lastedMs === 0 ? first.temperature : area / lastedMs,
    lastedMs,
  };
}
