import { expect, test } from 'vitest';
import { differencesOf } from '../../../../src/runtime/data/parity/compare.ts';
import { Masking } from '../../../../src/runtime/data/parity/masking.ts';

test('elements are compared by their name, in whatever order they come', () => {
  const ours = {
    topics: [
      { name: 'a', n: 1 },
      { name: 'b', n: 2 },
    ],
  };
  const theirs = {
    topics: [
      { name: 'b', n: 3 },
      { name: 'a', n: 1 },
    ],
  };
  expect(differencesOf(ours, theirs)).toEqual([{ field: 'topics[b].n', embedded: 2, other: 3 }]);
});

test('an element that only one side has is a difference', () => {
  const found = differencesOf({ all: [{ name: 'a' }] }, { all: [{ name: 'a' }, { name: 'b' }] });
  expect(found).toEqual([{ field: 'all[b]', embedded: '(absent)', other: { name: 'b' } }]);
});

test('with another error code the rest of that answer counts no more', () => {
  const found = differencesOf({ errorCode: 'NONE', id: 1 }, { errorCode: 'INVALID_REQUEST', id: 2 });
  expect(found).toEqual([{ field: 'errorCode', embedded: 'NONE', other: 'INVALID_REQUEST' }]);
});

test('of texts of errors only counts whether there is one', () => {
  expect(differencesOf({ errorMessage: 'no' }, { errorMessage: 'never' })).toEqual([]);
  expect(differencesOf({ errorMessage: null }, { errorMessage: 'never' })).toHaveLength(1);
});

test('ids, addresses, times and the names of a run are masked; none stays none', () => {
  const answer = {
    errorCode: 3,
    host: 'h',
    port: 1,
    producerId: 77,
    topic: 'parity-1-t',
    logAppendTimeMs: -1,
  };
  const masked = new Masking('parity-1-').answer({ operation: 'o', api: 'A', version: 0, answer });
  expect(masked).toEqual({
    ...{ errorCode: 'UNKNOWN_TOPIC_OR_PARTITION', host: '(host)', port: '(port)' },
    ...{ producerId: '(producer 1)', topic: 't', logAppendTimeMs: -1 },
  });
});
