import { expect, test } from 'vitest';
import { type Interval, takeSample } from '../../../../src/runtime/jobs/detector/interval.ts';
import { convertTemperature } from '../../../../src/runtime/jobs/records/temperature-unit.ts';

const limits = { threshold: 100, hysteresis: 0.5 };

/** Phases of samples, and the last interval. */
function run(samples: readonly (readonly [time: number, value: number])[]) {
  let interval: Interval | null = null;
  const steps = samples.map(([time, value]) => {
    const step = takeSample(interval, time, value, limits);
    ({ interval } = step);
    return step.late ? 'late' : step.phase;
  });
  return { steps, interval: interval as Interval | null };
}

test('the example of the thesis: average 102.77, maximum 105', () => {
  const { steps, interval } = run([
    [0, 101],
    [1000, 105],
    [2000, 103],
    [3000, 99.6],
  ]);
  expect(steps).toEqual(['START', 'EXCEEDING', 'EXCEEDING', 'EXCEEDING']);
  expect(interval!.average_transgression_temperature).toBeCloseTo(102.7667, 3);
  expect(interval!.max_transgression_temperature).toBe(105);
});

test('both comparisons are strict, and the band between keeps the state', () => {
  expect(run([[0, 100]]).interval).toBe(null);
  const { steps } = run([
    [0, 99.9],
    [1, 100.01],
    [2, 99.5],
    [3, 99.49],
    [4, 99.9],
    [5, 100.5],
  ]);
  expect(steps).toEqual([null, 'START', 'EXCEEDING', 'END', null, 'START']);
});

test('an END leaves the whole interval as it was with its last exceeding sample', () => {
  const { steps, interval } = run([
    [1000, 110],
    [3000, 120],
    [9000, 20],
  ]);
  expect(steps.at(-1)).toBe('END');
  expect(interval).toMatchObject({
    ...{ is_exceeding: false, first_transgression: 1000, latest_transgression: 3000 },
    ...{ average_transgression_temperature: 115, max_transgression_temperature: 120 },
  });
});

test('two samples of one millisecond leave the average and take the maximum', () => {
  const first = run([
    [5, 101],
    [5, 111],
  ]);
  expect(first.interval).toMatchObject({
    ...{ average_transgression_temperature: 101, max_transgression_temperature: 111 },
  });
  const later = run([
    [0, 101],
    [10, 103],
    [10, 107],
  ]);
  expect(later.interval!.average_transgression_temperature).toBe(102);
});

test('an older sample raises the maximum and does nothing else', () => {
  const { steps, interval } = run([
    [1000, 101],
    [3000, 103],
    [2000, 140],
    [500, 20],
  ]);
  expect(steps).toEqual(['START', 'EXCEEDING', 'late', 'late']);
  expect(interval).toMatchObject({
    ...{ is_exceeding: true, latest_transgression: 3000, latest_transgression_temperature: 103 },
    ...{ average_transgression_temperature: 102, max_transgression_temperature: 140 },
  });
  expect(
    run([
      [1000, 101],
      [2000, 50],
      [500, 130],
    ]).steps,
  ).toEqual(['START', 'END', 'late']);
});

test.each([
  [77, 'F', 'C', 25],
  [300, 'K', 'C', 26.85],
  [25, 'C', 'K', 298.15],
  [25, 'C', 'F', 77],
  [212, 'F', 'K', 373.15],
  [0.1, 'F', 'F', 0.1],
] as const)('%d %s in %s is %d', (value, from, to, expected) => {
  expect(convertTemperature(value, from, to)).toBeCloseTo(expected, 10);
});
