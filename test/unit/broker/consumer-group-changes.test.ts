import { expect, test } from 'vitest';
import { ConsumerGroup } from '../../../src/runtime/broker/state/consumer-group/group.ts';

const topics = ['t', 'u'].map((name) => ({ name, id: name, partitions: 4 }));

test('what is kept of a heartbeat is what it has changed, and an idle one looks at no topic', () => {
  const kept: string[] = [];
  let looks = 0;
  const group = new ConsumerGroup({
    id: 'g',
    topics: () => {
      looks++;
      return topics;
    },
    topicsRevision: () => topics.length,
    sessionTimeoutMs: () => 60_000,
    heartbeatIntervalMs: () => 5_000,
    maxSize: () => 100,
    now: () => 0,
    onClassicAlone: () => expect.unreachable(),
    onChanged: (_, { members, targets }) => kept.push(`${[...members.keys()]}: ${[...targets]}`),
  });
  const beat = (memberId: string, memberEpoch: number, topic: string | null = null) =>
    group.heartbeat({
      ...{ memberId, memberEpoch, instanceId: null, rackId: null, subscribedTopicRegex: null },
      ...{ rebalanceTimeoutMs: memberEpoch === 0 ? 1000 : -1, subscribedTopicNames: topic ? [topic] : null },
      ...{
        serverAssignor: null,
        owned: memberEpoch === 0 ? new Map() : null,
        clientId: 'c',
        clientHost: 'h',
      },
    });
  try {
    beat('a', 0, 't');
    beat('b', 0, 'u');
    expect(kept).toEqual(['a: a', 'b: b']);
    beat('c', 0, 'u');
    expect(kept.splice(0).at(-1)).toBe('c: b,c');
    beat('a', 2);
    expect(kept.splice(0)).toEqual(['a: ']);
    const before = looks;
    for (let i = 0; i < 10; i++) expect(beat('a', 4).error).toBe('NONE');
    expect(kept).toEqual([]);
    expect(looks).toBe(before);
    topics.push({ name: 'v', id: 'v', partitions: 1 });
    beat('a', 4, 'v');
    expect(kept).toEqual(['a: a']);
    expect(group.target.of('a')).toEqual(new Map([['v', new Set([0])]]));
  } finally {
    group.close();
  }
});
