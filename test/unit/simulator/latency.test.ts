import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../../src/runtime/simulator/latency.ts';
import { Pacer } from '../../../src/runtime/simulator/pacer.ts';
import { judge } from '../../../src/runtime/simulator/result.ts';
import { constantSchedule } from '../../../src/runtime/simulator/schedule.ts';
import { systemClock } from '../../../src/shared/clock.ts';

const histogram = (...values: number[]) => {
  const made = new LatencyHistogram();
  for (const value of values) made.record(value);
  return made;
};

test('percentiles are in µs, to three digits, and never above the maximum', () => {
  const made = histogram(...Array.from({ length: 1000 }, (_, i) => i + 1));
  const { count, min, mean, p50, p99, p999, max, skewed } = made.summary();
  expect({ count, min, max, skewed }).toEqual({ count: 1000, min: 1000, max: 1_000_000, skewed: 0 });
  expect(p50 / 500_000).toBeCloseTo(1, 2);
  expect(p99 / 990_000).toBeCloseTo(1, 2);
  expect(mean / 500_500).toBeCloseTo(1, 2);
  expect(p999).toBeLessThanOrEqual(max);
  expect(histogram(8.136).summary()).toMatchObject({ p50: 8136, p999: 8136, max: 8136 });
});

test('negative values count as clock skew, values above an hour as an hour', () => {
  expect(histogram(-5, 10).summary()).toMatchObject({ count: 2, min: 0, max: 10_000, skewed: 1 });
  expect(histogram(1e9).summary().max).toBe(3_600_000_000);
  expect(histogram().summary()).toMatchObject({ count: 0, min: 0, mean: 0, p99: 0, max: 0 });
});

test('histograms are merged, not averaged', () => {
  const low = histogram(...new Array<number>(990).fill(1));
  low.add(histogram(-1, ...new Array<number>(9).fill(1000)));
  expect(low.summary()).toMatchObject({ count: 1000, p50: 1000, skewed: 1, max: 1_000_000, min: 0 });
  expect(low.percentileMs(99.9)).toBeGreaterThan(990);
});

test('a run is not valid when more than 1 % was sent more than 10 ms late; one late message alone is no matter', async () => {
  const schedule = constantSchedule(1000, { count: 1 });
  const pacer = new Pacer({ schedule, clock: systemClock, send() {} });
  await pacer.run(new AbortController().signal);
  const reasons = (late: number, punctual: number) =>
    judge(schedule, pacer, histogram(...new Array(late).fill(15), ...new Array(punctual).fill(1)));
  expect(reasons(1, 1)).toEqual([]);
  expect(reasons(1, 49)).toEqual([]);
  expect(reasons(3, 47)[0]).toContain('15.0 ms');
  expect(reasons(9, 991)).toEqual([]);
  expect(reasons(11, 989)[0]).toContain('99 %');
});
