import { Random } from '../../shared/random.ts';
import type { Recording } from './replay/recording.ts';
import { TemperatureEncoder } from './temperature-encoder.ts';
import {
  TemperatureModel,
  type TemperatureParameters,
  type TemperatureUnit,
  temperatureUnits,
} from './temperature-model.ts';

/** What the messages say. Message numbers are asked for in rising order. */
export interface Readings {
  /** Index of the sensor that message i belongs to. */
  sensorOf(i: number): number;
  /**
   * The bytes of message i; valid until the next call.
   * @param elapsedMs when it is due, ms after the start
   * @param timeMs the same as wall-clock time, whole ms: when it was measured
   * @param anomaly whether it shall be out of the ordinary
   */
  encode(i: number, elapsedMs: number, timeMs: number, anomaly?: boolean): Buffer;
}

/** The schema of the values at one site. */
export interface SiteSchema {
  /** In the site's registry. */
  id: number;
  text: string;
  /** Texts of the schemas it refers to, each after those it needs. */
  references: readonly string[];
}

/** A sensor, and the schema at its site. */
export interface ReadingsTarget {
  id: string;
  schema: SiteSchema;
}

/** Makes the readings, once it is known how the sites number the schema. */
export type ReadingsFactory = (sensors: readonly ReadingsTarget[], startTimeMs: number) => Readings;

/** Readings of temperature: one encoder per sensor. */
export type TemperatureReadings = (encoders: readonly TemperatureEncoder[], startTimeMs: number) => Readings;

export function asTemperatureData(readings: TemperatureReadings): ReadingsFactory {
  return (sensors, startTimeMs) =>
    readings(
      sensors.map(({ id, schema }) => new TemperatureEncoder(schema.id, id)),
      startTimeMs,
    );
}

/** Readings of simulated sensors: message i belongs to `order[i mod N]`, so each has rate/N with evenly spread phases. */
export function simulatedReadings(
  seed: number,
  unit: TemperatureUnit,
  parameters: TemperatureParameters,
): TemperatureReadings {
  return (encoders) => {
    const order = new Random(seed, 0).permutation(encoders.length);
    const models = encoders.map((_, sensor) => new TemperatureModel(parameters, seed, sensor));
    const sensorOf = (i: number) => order[i % order.length]!;
    const draws = new Random(seed, 7);
    const span = Math.max(10, Math.abs(parameters.target - parameters.base));
    return {
      sensorOf,
      encode(i, elapsedMs, timeMs, anomaly = false) {
        const sensor = sensorOf(i);
        const temperature = models[sensor]!.at(elapsedMs);
        const off = anomaly ? span * draws.uniform(1, 2) : 0;
        return encoders[sensor]!.encode(timeMs, temperature + off, unit);
      },
    };
  };
}

/** Readings of a recording, with the recorded times; shifted, the first one was measured at the start. */
export function recordedReadings(recording: Recording, shiftToNow: boolean): TemperatureReadings {
  const { sensor, time, temperature, unit } = recording;
  return (encoders, startTimeMs) => {
    const shiftMs = shiftToNow ? startTimeMs - (time[0] ?? 0) : 0;
    return {
      sensorOf: (i) => sensor[i]!,
      encode: (i) =>
        encoders[sensor[i]!]!.encode(time[i]! + shiftMs, temperature[i]!, temperatureUnits[unit[i]!]!),
    };
  };
}
