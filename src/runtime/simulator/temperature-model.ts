import { Random } from '../../shared/random.ts';

export const temperatureUnits = ['C', 'F', 'K'] as const;
export type TemperatureUnit = (typeof temperatureUnits)[number];

/** The sensor of thesis 3.4.2; temperatures in the sensor's own unit. */
export interface TemperatureParameters {
  /** Where the temperature starts. */
  base: number;
  /** What it approaches. */
  target: number;
  /** The noise is uniform in ±noise; 0 for none. */
  noise: number;
}

export const defaultTemperature: TemperatureParameters = { base: 0, target: 100, noise: 0.1 };

/** Time constant of the approach to the target and of a spike's rise, ms. */
const TAU_MS = 30_000;
/** What a spike rises towards, above the undisturbed temperature. */
const SPIKE_HEIGHT = 10;

/**
 * One simulated sensor: an exponential approach from base to target, noise, and now and then a spike. It must be
 * asked in order of time. Equation 3.1 as printed contradicts the text around it; this is what the text says.
 */
export class TemperatureModel {
  readonly #parameters: TemperatureParameters;
  readonly #noise: Random;
  readonly #spikes: SpikeTrain;

  /** @param sensor the sensor's number: each has its own noise and spikes, all drawn from the one seed */
  constructor(parameters: TemperatureParameters, seed: number, sensor: number) {
    this.#parameters = parameters;
    this.#noise = new Random(seed, sensor, 1);
    // A stream of its own: when the spikes come must not depend on how often the sensor is read.
    this.#spikes = new SpikeTrain(new Random(seed, sensor, 2));
  }

  /** Temperature at a time in ms since the sensor's start. */
  at(elapsedMs: number): number {
    const { base, target, noise } = this.#parameters;
    const approach = (1 - Math.exp(-elapsedMs / TAU_MS)) * (target - base);
    return base + approach + this.#noise.uniform(-noise, noise) + this.#spikes.at(elapsedMs);
  }
}

/**
 * Spikes one after the other: the first 20 to 60 s after the start, each further one 0 to 60 s after the end of the
 * last. A spike rises towards +10 for 1 to 10 s and falls back to 0 along the mirrored curve in the same time.
 */
export class SpikeTrain {
  readonly #random: Random;
  #startMs: number;
  #riseMs: number;

  constructor(random: Random) {
    this.#random = random;
    this.#startMs = random.uniform(20_000, 60_000);
    this.#riseMs = random.uniform(1_000, 10_000);
  }

  /** Height above the undisturbed temperature; times must not go back. */
  at(elapsedMs: number): number {
    while (elapsedMs >= this.#startMs + 2 * this.#riseMs) {
      this.#startMs += 2 * this.#riseMs + this.#random.uniform(0, 60_000);
      this.#riseMs = this.#random.uniform(1_000, 10_000);
    }
    const since = elapsedMs - this.#startMs;
    if (since <= 0) return 0;
    const risen = Math.min(since, 2 * this.#riseMs - since);
    return SPIKE_HEIGHT * (1 - Math.exp(-risen / TAU_MS));
  }
}
