import { Random } from './random.ts';
import type { Recording } from './replay/recording.ts';
import type { TemperatureEncoder } from './temperature-encoder.ts';
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
   * @param timeMs the same as wall-clock time, whole ms
   */
  encode(i: number, elapsedMs: number, timeMs: number): Buffer;
}

/** Makes the readings, once it is known how the sites number the schema: one encoder per sensor. */
export type ReadingsFactory = (encoders: readonly TemperatureEncoder[], startTimeMs: number) => Readings;

/** Readings of simulated sensors: message i belongs to `order[i mod N]`, so each has rate/N with evenly spread phases. */
export function simulatedReadings(
  seed: number,
  unit: TemperatureUnit,
  parameters: TemperatureParameters,
): ReadingsFactory {
  return (encoders) => {
    const order = new Random(seed, 0).permutation(encoders.length);
    const models = encoders.map((_, sensor) => new TemperatureModel(parameters, seed, sensor));
    const sensorOf = (i: number) => order[i % order.length]!;
    return {
      sensorOf,
      encode(i, elapsedMs, timeMs) {
        const sensor = sensorOf(i);
        return encoders[sensor]!.encode(timeMs, models[sensor]!.at(elapsedMs), unit);
      },
    };
  };
}

/** Readings of a recording, with the recorded times; shifted, the first one was measured at the start. */
export function recordedReadings(recording: Recording, shiftToNow: boolean): ReadingsFactory {
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
