import { describe, expect, it } from 'vitest';
import { parsePosition } from '../../../../src/runtime/data/tail/position.ts';

const now = new Date(2026, 6, 15, 13, 30).getTime();

describe('parsePosition', () => {
  it.each([
    ['newest', { kind: 'newest' }],
    ['end', { kind: 'newest' }],
    ['NOW', { kind: 'newest' }],
    ['oldest', { kind: 'oldest' }],
    ['begin', { kind: 'oldest' }],
    ['beginning', { kind: 'oldest' }],
    ['0', { kind: 'offset', offset: 0 }],
    ['9007199254740991', { kind: 'offset', offset: 9007199254740991 }],
    ['-5', { kind: 'back', count: 5 }],
    ['@1500', { kind: 'time', ms: 1500 }],
    ['s@1500', { kind: 'time', ms: 1500 }],
    ['-5m', { kind: 'time', ms: now - 300_000 }],
    ['-1h30m', { kind: 'time', ms: now - 5_400_000 }],
    ['-1.5s', { kind: 'time', ms: now - 1500 }],
    ['-250ms', { kind: 'time', ms: now - 250 }],
    ['-2d', { kind: 'time', ms: now - 172_800_000 }],
    ['today', { kind: 'time', ms: new Date(2026, 6, 15).getTime() }],
    ['yesterday', { kind: 'time', ms: new Date(2026, 6, 14).getTime() }],
    ['2026-01-31', { kind: 'time', ms: new Date(2026, 0, 31).getTime() }],
    ['2026-01-31T08:00', { kind: 'time', ms: new Date(2026, 0, 31, 8).getTime() }],
    ['2026-01-31 08:00:01', { kind: 'time', ms: new Date(2026, 0, 31, 8, 0, 1).getTime() }],
    ['2026-01-31T08:00:00.250Z', { kind: 'time', ms: Date.UTC(2026, 0, 31, 8, 0, 0, 250) }],
    ['2026-01-31t08:00:00+02:00', { kind: 'time', ms: Date.UTC(2026, 0, 31, 6) }],
  ])('%s', (text, position) => expect(parsePosition(text, '--from', now)).toEqual(position));

  it.each([
    '',
    'soon',
    '5m',
    '-5x',
    '-m',
    '1.5',
    '--5',
    '9007199254740993',
    '@',
    '@-1',
    '2026-02-30',
    '2026-13-01',
    '2026-01-31T25:00',
    '08:00',
  ])('not %j', (text) => {
    expect(() => parsePosition(text, '--to', now)).toThrow(
      expect.objectContaining({ code: 'DDS_USAGE', message: `--to ${text} is not a position` }),
    );
  });
});
