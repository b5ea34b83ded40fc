import { expect, it } from 'vitest';
import { topicNames } from '../../../../src/shared/topic-names.ts';

it('keeps names, or makes them of a template', () => {
  expect(topicNames('same', 'edge-1', 'central').target('notes')).toBe('notes');
  expect(topicNames('{site}.{topic}', 'edge-1', 'central').target('a.b')).toBe('edge-1.a.b');
  expect(topicNames('from_{site}-{topic}', 'edge-1', 'central').target('notes')).toBe('from_edge-1-notes');
});

it('knows copies of the topics of the target by their names, over any number of sites', () => {
  const names = topicNames('{site}.{topic}', 'edge-1', 'central');
  expect(names.isLoop('central.notes')).toBe(true);
  expect(names.isLoop('edge-2.central.notes')).toBe(true);
  expect(names.isLoop('edge-2.notes')).toBe(false);
  expect(names.isLoop('notes')).toBe(false);
  expect(topicNames('copy-of-{topic}', 'edge-1', 'central').isLoop('copy-of-notes')).toBe(true);
  expect(topicNames('same', 'edge-1', 'central').isLoop('central.notes')).toBe(false);
});

it.each(['', 'all', '{site}', '{topic}{topic}', '{topic}/x', '{region}.{topic}'])(
  'refuses "%s"',
  (policy) => {
    expect(() => topicNames(policy, 'a', 'b')).toThrow(/names no topics/);
  },
);
