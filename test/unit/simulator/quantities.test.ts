import { describe, expect, test } from 'vitest';
import { DdsError } from '../../../src/errors/index.ts';
import {
  parseDecimal,
  parseDuration,
  parseRate,
  parseSpeed,
  parseWhole,
} from '../../../src/runtime/simulator/quantities.ts';

function usage(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(DdsError);
    expect((error as DdsError).code).toBe('DDS_USAGE');
    return (error as DdsError).message;
  }
  throw new Error('was accepted');
}

test.each([
  ['250', 250],
  ['0.5', 0.5],
  ['.5', 0.5],
  ['10k', 10_000],
  ['10K', 10_000],
  ['10k/s', 10_000],
  ['1.5k', 1500],
  ['600k/m', 10_000],
  ['1m/h', 1e6 / 3600],
  ['90/m', 1.5],
  ['max', Number.POSITIVE_INFINITY],
])('the rate %s is %d/s', (text, rate) => expect(parseRate(text)).toBeCloseTo(rate, 9));

test.each(['-1', 'abc', '0', '', '10kk', '1e3', '10/d', 'Infinity', 'NaN', '0/m', '1 000', '0x10'])(
  'the rate %j is refused',
  (text) => expect(usage(() => parseRate(text))).toMatch(`--rate ${text} is not allowed`),
);

test.each([
  ['5', 5000],
  ['5s', 5000],
  ['500ms', 500],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
])('the time %s is %d ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

test.each(['0', '0s', '-5s', '5 sec', 's', ''])('the time %j is refused', (text) =>
  expect(usage(() => parseDuration(text))).toContain('--duration'),
);

describe('whole numbers', () => {
  test.each([
    ['1', 1],
    ['10k', 10_000],
    ['1.5k', 1500],
  ])('%s is %d', (text, value) => expect(parseWhole(text, '--count')).toBe(value));
  test.each(['0', '-1', '1.5', 'x', '99999999999999999999', ''])('%j is refused', (text) =>
    expect(usage(() => parseWhole(text, '--sensors'))).toContain(`--sensors ${text}`),
  );
});

test.each([
  ['1x', 1],
  ['60x', 60],
  ['60', 60],
  ['0.5x', 0.5],
  ['max', Number.POSITIVE_INFINITY],
])('the speed %s is %d', (text, speed) => expect(parseSpeed(text)).toBe(speed));

test.each(['0', '-1x', 'fast', ''])('the speed %j is refused', (text) => {
  usage(() => parseSpeed(text));
});

test('temperatures may be negative, noise may not', () => {
  expect(parseDecimal('-3.5', '--base')).toBe(-3.5);
  expect(parseDecimal('0', '--noise', 0)).toBe(0);
  expect(usage(() => parseDecimal('-1', '--noise', 0))).toContain('--noise -1');
  usage(() => parseDecimal('', '--base'));
  usage(() => parseDecimal('0x10', '--base'));
});
