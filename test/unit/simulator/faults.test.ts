import { expect, test } from 'vitest';
import { Faults, parseFaults } from '../../../src/runtime/simulator/faults.ts';

const all = {
  late: '5%:30s',
  duplicate: '0.1%',
  drop: '1%',
  'out-of-order': '5%',
  offline: '2%:60s',
  anomaly: '0.5%',
};

function fates(seed: number, count = 100_000) {
  const faults = new Faults(parseFaults(all)!, seed);
  const made = Array.from({ length: count }, (_, i) => faults.fateOf(i, i % 100, i * 10));
  return { made, injected: faults.injected };
}

test('each fault has its share, and the counts tell it', () => {
  const { made, injected } = fates(3);
  const share = (count: number) => count / made.length;
  expect(share(injected.late)).toBeCloseTo(0.05, 2);
  expect(share(injected.dropped)).toBeCloseTo(0.01, 2);
  expect(share(injected.offline)).toBeGreaterThan(0.01);
  expect(share(injected.offline)).toBeLessThan(0.03);
  expect(share(injected.anomalies)).toBeCloseTo(0.005, 2);
  expect(injected.dropped).toBe(made.filter(({ lost }) => lost === 'drop').length);
  expect(injected.offline).toBe(made.filter(({ lost }) => lost === 'offline').length);
  expect(injected.late).toBe(made.filter(({ lost, lateMs }) => !lost && lateMs === 30_000).length);
});

test('the same seed has the same fates, also from the middle on', () => {
  const { made } = fates(3, 1000);
  expect(fates(3, 1000).made).toEqual(made);
  expect(fates(4, 1000).made).not.toEqual(made);
  expect(new Faults(parseFaults(all)!, 3).fateOf(700, 0, 7000)).toEqual(made[700]);
});

test('an offline sensor is silent for the whole time', () => {
  const faults = new Faults(parseFaults({ offline: '50%:10s' })!, 1);
  const lost = Array.from({ length: 1000 }, (_, i) => faults.fateOf(i, 0, i * 100).lost !== null);
  const lengths = lost
    .map((is) => (is ? 'x' : '.'))
    .join('')
    .split('.')
    .filter(Boolean)
    .slice(1, -1)
    .map(({ length }) => length);
  expect(lengths.length).toBeGreaterThan(0);
  for (const length of lengths) expect(length % 100).toBe(0);
});

test.each([
  [{ drop: '101%' }, '--drop 101% is not allowed'],
  [{ drop: 'often' }, '--drop often is not allowed'],
  [{ late: '5%' }, '--late 5% is not allowed: give a share and a time'],
  [{ offline: '5%:soon' }, '--offline soon is not allowed'],
  [{ duplicate: '-1%' }, '--duplicate -1% is not allowed'],
])('%j is refused', (flags, message) => {
  expect(() => parseFaults(flags)).toThrow(message);
});
