import { describe, expect, it } from 'vitest';
import {
  type AssignorMember,
  assignors,
  preferredAssignor,
} from '../../../src/runtime/broker/state/consumer-group/assignors.ts';
import {
  count,
  intersection,
  listOf,
  NO_PARTITIONS,
  type Partitions,
} from '../../../src/runtime/broker/state/consumer-group/partitions.ts';

const member = (memberId: string, topics: string[], target: Partitions = NO_PARTITIONS): AssignorMember => ({
  order: memberId,
  memberId,
  topics: new Set(topics),
  target,
});
const plain = (assignment: ReadonlyMap<string, Partitions>) =>
  Object.fromEntries([...assignment].map(([id, partitions]) => [id, listOf(partitions)]));

describe('uniform', () => {
  it('gives everybody the same, give or take one', () => {
    const shared = assignors.uniform!(
      [member('a', ['t', 'u']), member('b', ['t', 'u']), member('c', ['t', 'u'])],
      new Map([
        ['t', 4],
        ['u', 4],
      ]),
    );
    expect([...shared.values()].map(count).sort()).toEqual([2, 3, 3]);
  });

  it('moves as little as it has to when members come and go', () => {
    const counts = new Map([['t', 12]]);
    const first = assignors.uniform!([member('a', ['t']), member('b', ['t']), member('c', ['t'])], counts);
    const more = assignors.uniform!(
      ['a', 'b', 'c', 'd'].map((id) => member(id, ['t'], first.get(id))),
      counts,
    );
    const kept = ['a', 'b', 'c'].map((id) => count(intersection(first.get(id)!, more.get(id)!)));
    expect(kept).toEqual([3, 3, 3]);
    expect(count(more.get('d')!)).toBe(3);
    const fewer = assignors.uniform!(
      ['b', 'c', 'd'].map((id) => member(id, ['t'], more.get(id))),
      counts,
    );
    expect([...fewer.values()].map(count)).toEqual([4, 4, 4]);
    for (const id of ['b', 'c', 'd']) expect(count(intersection(more.get(id)!, fewer.get(id)!))).toBe(3);
  });

  it('gives a topic only to who is subscribed to it, and evens out what can be', () => {
    const shared = assignors.uniform!(
      [member('a', ['t', 'u']), member('b', ['u'])],
      new Map([
        ['t', 2],
        ['u', 4],
      ]),
    );
    expect(plain(shared).b).toEqual([{ topicId: 'u', partitions: expect.any(Array) }]);
    expect([...shared.values()].map(count)).toEqual([3, 3]);
    expect(plain(assignors.uniform!([member('a', ['t'])], new Map([['u', 4]])))).toEqual({ a: [] });
  });
});

describe('range', () => {
  it('splits topics of the same size alike, the first members have one more', () => {
    const shared = assignors.range!(
      [member('b', ['t', 'u']), member('a', ['t', 'u'])],
      new Map([
        ['t', 3],
        ['u', 3],
      ]),
    );
    expect(plain(shared)).toEqual({
      a: [
        { topicId: 't', partitions: [0, 1] },
        { topicId: 'u', partitions: [0, 1] },
      ],
      b: [
        { topicId: 't', partitions: [2] },
        { topicId: 'u', partitions: [2] },
      ],
    });
  });
});

it('the assignor that most members ask for is taken, uniform when nobody asks', () => {
  expect(preferredAssignor([null, 'range', 'range', 'uniform'])).toBe('range');
  expect(preferredAssignor([null, null])).toBe('uniform');
});
