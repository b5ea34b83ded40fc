import { describe, expect, it } from 'vitest';
import { isTopicPattern, topicMatcher } from '../../../src/shared/topic-pattern.ts';

const names = [
  'temperature-data',
  'temperature-threshold-events',
  'a.b',
  'axb',
  '_schemas',
  '__consumer_offsets',
  'dds.relay.edge-1.positions',
];

describe('topicMatcher', () => {
  it.each([
    [['temperature-data'], [], ['temperature-data']],
    [['temperature-*'], [], ['temperature-data', 'temperature-threshold-events']],
    [['temperature-*'], ['*-events'], ['temperature-data']],
    [['*'], [], ['temperature-data', 'temperature-threshold-events', 'a.b', 'axb']],
    [['a.b'], [], ['a.b']],
    [['a.?'], [], ['a.b']],
    [['a?b'], [], ['a.b', 'axb']],
    [['/^a.b$/'], [], ['a.b', 'axb']],
    [['/data|events/'], ['/thresh/'], ['temperature-data']],
    [['_*', '/schemas/', 'dds.*'], [], []],
    [['_schemas'], [], ['_schemas']],
    [['dds.relay.edge-1.positions'], [], ['dds.relay.edge-1.positions']],
    [['_schemas'], ['_*'], []],
    [[], [], []],
  ])('%j without %j', (patterns, excludes, expected) => {
    expect(names.filter(topicMatcher(patterns, excludes))).toEqual(expected);
  });

  it('names a broken regular expression', () => {
    expect(() => topicMatcher(['/(/'])).toThrow(
      expect.objectContaining({ code: 'DDS_USAGE', message: '/(/ is not a valid regular expression' }),
    );
  });

  it('tells patterns from names', () => {
    expect(['a', 'a.b', 'a*', 'a?', '/a/', '//'].map(isTopicPattern)).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });
});
