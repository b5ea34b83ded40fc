import { describe, expect, test } from 'vitest';
import { SpikeTrain, TemperatureModel } from '../../../src/runtime/simulator/temperature-model.ts';
import { Random } from '../../../src/shared/random.ts';

const seeds = Array.from({ length: 200 }, (_, i) => i);

/** Samples a train of spikes every `stepMs` and cuts it into its spikes. */
function spikesOf(seed: number, untilMs: number, stepMs = 20) {
  const train = new SpikeTrain(new Random(seed));
  const spikes: { startMs: number; endMs: number; peakMs: number; peak: number }[] = [];
  let last = 0;
  let steepest = 0;
  for (let t = 0; t <= untilMs; t += stepMs) {
    const height = train.at(t);
    steepest = Math.max(steepest, Math.abs(height - last));
    if (height > 0 && last === 0) spikes.push({ startMs: t, endMs: t, peakMs: t, peak: 0 });
    const spike = spikes.at(-1);
    if (spike && height > 0) {
      spike.endMs = t;
      if (height > spike.peak) Object.assign(spike, { peak: height, peakMs: t });
    }
    last = height;
  }
  // Continuous: never steeper than at the foot of the curve.
  expect(steepest).toBeLessThan((10 / 30_000) * stepMs + 1e-9);
  return spikes;
}

describe('the temperature without noise', () => {
  test.each([
    [0, 20],
    [30_000, 57.93],
    [60_000, 71.88],
  ])('is right %i ms after the start', (elapsedMs, expected) => {
    // The spikes are taken off, so that the approach alone is left.
    const spikes = new SpikeTrain(new Random(5, 3, 2));
    const model = new TemperatureModel({ base: 20, target: 80, noise: 0 }, 5, 3);
    expect(model.at(elapsedMs) - spikes.at(elapsedMs)).toBeCloseTo(expected, 2);
  });

  test('ends at the target', () => {
    for (const seed of seeds.slice(0, 20)) {
      const late = new TemperatureModel({ base: 20, target: 80, noise: 0 }, seed, 0).at(3_600_000);
      expect(late).toBeGreaterThanOrEqual(80 - 1e-9);
      expect(late).toBeLessThan(90);
    }
  });
});

test('the noise is uniform in ±noise', () => {
  const noises: number[] = [];
  const model = new TemperatureModel({ base: 0, target: 0, noise: 0.5 }, 1, 1);
  for (let t = 0; t < 20_000; t++) noises.push(model.at(t));
  expect(Math.max(...noises)).toBeLessThan(0.5);
  expect(Math.max(...noises)).toBeGreaterThan(0.49);
  expect(Math.min(...noises)).toBeGreaterThanOrEqual(-0.5);
  expect(Math.min(...noises)).toBeLessThan(-0.49);
  expect(noises.reduce((sum, noise) => sum + noise, 0) / noises.length).toBeCloseTo(0, 1);
});

describe('spikes', () => {
  test('come first after 20 to 60 s, then 0 to 60 s after the last, rise for 1 to 10 s and fall as long', () => {
    const firsts: number[] = [];
    for (const seed of seeds.slice(0, 40)) {
      const spikes = spikesOf(seed, 600_000);
      firsts.push(spikes[0]!.startMs);
      spikes.slice(0, -1).forEach(({ startMs, endMs, peakMs, peak }, i) => {
        const riseMs = peakMs - startMs;
        expect(riseMs).toBeGreaterThan(900);
        expect(riseMs).toBeLessThan(10_100);
        expect(endMs - peakMs).toBeGreaterThan(riseMs - 100);
        expect(endMs - peakMs).toBeLessThan(riseMs + 100);
        expect(peak).toBeCloseTo(10 * (1 - Math.exp(-riseMs / 30_000)), 1);
        expect(spikes[i + 1]!.startMs - endMs).toBeLessThan(60_100);
      });
    }
    expect(Math.min(...firsts)).toBeGreaterThanOrEqual(20_000);
    expect(Math.min(...firsts)).toBeLessThan(25_000);
    expect(Math.max(...firsts)).toBeLessThan(60_100);
    expect(Math.max(...firsts)).toBeGreaterThan(55_000);
  });

  test('do not depend on how often the sensor is read', () => {
    const often = new SpikeTrain(new Random(9));
    const seldom = new SpikeTrain(new Random(9));
    for (let t = 0; t < 300_000; t += 10) {
      const height = often.at(t);
      if (t % 7000 === 0) expect(seldom.at(t)).toBe(height);
    }
  });
});
