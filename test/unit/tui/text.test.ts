import { expect, test } from 'vitest';
import { textWidth, toWidth, truncate, wrapText } from '../../../src/tui/text.ts';

test.each([
  ['plain', 8, 'plain   '],
  ['far too long', 8, 'far too…'],
  ['日本語テキスト', 8, '日本語… '],
  ['日本語テキスト', 7, '日本語…'],
  ['e\u0301e\u0301e\u0301', 2, 'e\u0301…'],
  ['👩‍👩‍👧‍👦 family', 4, '👩‍👩‍👧‍👦 …'],
  ['', 3, '   '],
  ['x', 0, ''],
])('%s in %i cells', (text, width, shown) => {
  expect(toWidth(text, width)).toBe(shown);
  expect(textWidth(toWidth(text, width))).toBe(width);
});

test('aligns at the right', () => expect(toWidth('12', 5, 'right')).toBe('   12'));

test('a text that is far longer than the row is cut as well', () => {
  expect(truncate('a'.repeat(1_000_000), 5)).toBe('aaaa…');
  expect(truncate('語'.repeat(1_000_000), 5)).toBe('語語…');
});

test.each([
  ['abcdefgh', 3, ['abc', 'def', 'gh']],
  ['語語語', 3, ['語', '語', '語']],
  ['', 3, ['']],
])('wraps %s at %i', (text, width, rows) => expect(wrapText(text, width)).toEqual(rows));
