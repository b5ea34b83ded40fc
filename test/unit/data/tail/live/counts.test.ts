import { describe, expect, test } from 'vitest';
import { Arrivals } from '../../../../../src/runtime/data/tail/live/arrivals.ts';
import { filterOf } from '../../../../../src/runtime/data/tail/live/live-tail.ts';
import { SecondCounts } from '../../../../../src/runtime/data/tail/live/second-counts.ts';
import { prettyJson } from '../../../../../src/tui/pretty-json.ts';

test('arrivals know the batch of an offset', () => {
  const arrivals = new Arrivals();
  arrivals.add(10, 100);
  arrivals.add(20, Number.NaN);
  arrivals.add(25, 300);
  expect([0, 9, 10, 19, 20, 24, 25].map((offset) => arrivals.at(offset))).toEqual([
    ...[100, 100, Number.NaN, Number.NaN, 300, 300, Number.NaN],
  ]);
  for (let i = 0; i < 5000; i++) arrivals.add(26 + i, 1000 + i);
  expect(arrivals.at(9)).toBeNaN();
  expect(arrivals.at(5000)).toBe(1000 + 4975);
});

describe('counts by second', () => {
  test('a rate is of whole seconds', () => {
    const counts = new SecondCounts(500);
    counts.add(10, 600);
    expect(counts.rate(900)).toBe(0);
    expect(counts.rate(1100)).toBe(10);
    counts.add(20, 1500);
    expect(counts.rate(2000)).toBe(15);
    expect(counts.rate(6000)).toBe(0);
  });

  test('the history has a minute', () => {
    const counts = new SecondCounts(0);
    for (let second = 0; second < 100; second++) counts.add(second, second * 1000);
    expect(counts.history(100_000)).toEqual(Array.from({ length: 60 }, (_, at) => 40 + at));
    expect(counts.history(500_000)).toEqual(Array(60).fill(0));
  });
});

test.each([
  ['boiler', { grep: ['boiler'] }],
  ['  ', {}],
  ['! boiler', { grepNot: ['boiler'] }],
  ['value.temperature > 30.0', { where: 'value.temperature > 30.0' }],
  ['site == "edge-1" && !has(value.x)', { where: 'site == "edge-1" && !has(value.x)' }],
  ['!(key == "a")', { where: '!(key == "a")' }],
  ['the key is lost', { grep: ['the key is lost'] }],
  ['"temperature":3\\d', { grep: ['"temperature":3\\d'] }],
])('the filter %s', (text, options) => expect(filterOf(text)).toEqual(options));

test('JSON over lines keeps its tokens', () => {
  expect(prettyJson('{"a":12345678901234567890,"b":[],"c":{"d":[1,"x, {y}"]},"e":{}}')).toEqual([
    ...['{', '  "a": 12345678901234567890,', '  "b": [],', '  "c": {', '    "d": [', '      1,'],
    ...['      "x, {y}"', '    ]', '  },', '  "e": {}', '}'],
  ]);
  expect(prettyJson('"text"')).toEqual(['"text"']);
});
