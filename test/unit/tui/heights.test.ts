import { expect, test } from 'vitest';
import { shareRows } from '../../../src/tui/top/heights.ts';

test.each([
  ['all that fits', [3, 2, 7, 3, 20], 0, 60, [3, 2, 7, 3, 20]],
  ['the last list last', [3, 2, 7, 3, 20], 0, 20, [3, 2, 7, 3, 5]],
  ['the focused list first', [3, 9, 9, 3, 20], 2, 20, [3, 3, 9, 3, 2]],
  ['an empty list', [3, 0, 4, 0, 20], 0, 12, [3, 0, 4, 0, 5]],
  ['no more than half for the focused one', [3, 2, 7, 3, 90], 4, 20, [3, 2, 3, 2, 10]],
  ['two of each where it does not fit', [3, 2, 7, 3, 90], 0, 5, [2, 2, 2, 2, 2]],
])('gives %s', (_what, needs, focused, height, shares) => {
  expect(shareRows(needs, focused, height)).toEqual(shares);
});
