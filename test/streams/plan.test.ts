import { expect, test } from 'vitest';
import { t, topology, tumbling } from '../../src/runtime/streams/index.ts';
import { stringTopic } from './sketches.ts';

const counts = (known: Record<string, number>) => (topic: string) => known[topic];
const rekeyed = (b: ReturnType<typeof topology>, name: string, as: string, partitions?: number) =>
  b
    .stream(stringTopic(name))
    .map((_key, value) => [value, value], { key: t.string, value: t.string })
    .repartition({ as, ...(partitions && { partitions }) });

function joinedWith(
  known: Record<string, number>,
  one: number | undefined,
  other: number | undefined | 'table',
) {
  const b = topology('app');
  const left = rekeyed(b, 'left', 'l', one);
  if (other === 'table') left.join(b.table(stringTopic('right'), { as: 'r' }), (a, c) => a + c);
  else left.join(rekeyed(b, 'right', 'r', other).toTable({ as: 't' }), (a, c) => a + c);
  const { repartitionTopics } = b.build().plan(counts(known));
  return Object.fromEntries(repartitionTopics.map(({ name, partitions }) => [name, partitions]));
}

test('topics that are joined need as many partitions', () => {
  const b = topology('app');
  b.stream(stringTopic('left')).join(b.table(stringTopic('right'), { as: 'r' }), (a, c) => a + c);
  const built = b.build();
  expect(() => built.plan(counts({ left: 2, right: 1 }))).toThrow(/left has 2, right has 1/);
  expect(built.plan(counts({ left: 2, right: 2 })).subTopologies).toMatchObject([{ partitions: 2 }]);
});

test('a repartition topic follows the topic that it is joined with', () => {
  expect(joinedWith({ left: 10, right: 2 }, undefined, 'table')).toEqual({ 'app-l-repartition': 2 });
});

test('of free ones all take the largest', () => {
  expect(joinedWith({ left: 1, right: 15 }, undefined, undefined)).toEqual({
    'app-l-repartition': 15,
    'app-r-repartition': 15,
  });
});

test('numbers that are asked for have to agree, with each other and with the topics', () => {
  expect(() => joinedWith({ left: 1, right: 1 }, 10, 5)).toThrow(/has 10.*has 5/);
  expect(() => joinedWith({ left: 1, right: 2 }, 10, 'table')).toThrow(/has 10.*right has 2/);
  expect(joinedWith({ left: 1, right: 5 }, 2, undefined)).toEqual({
    'app-l-repartition': 2,
    'app-r-repartition': 2,
  });
});

test('a topic that is not there is named', () => {
  expect(() => joinedWith({ right: 1 }, undefined, 'table')).toThrow('there is no topic left');
});

test('internal topics have the settings that their use needs', () => {
  const b = topology('app');
  const grouped = b.stream(stringTopic('in')).groupBy((_key, value) => value, { as: 'by', key: t.string });
  grouped.count({ as: 'all' });
  const windowed = b
    .stream(stringTopic('other'))
    .groupByKey()
    .windowedBy(tumbling(1000, { graceMs: 500 }));
  windowed.count({ as: 'windows' });
  b.stream(stringTopic('third')).groupByKey().count({ as: 'unlogged', logged: false });
  const { repartitionTopics, changelogs, subTopologies } = b
    .build()
    .plan(counts({ in: 3, other: 2, third: 1 }));
  expect(repartitionTopics).toMatchObject([
    {
      name: 'app-by-repartition',
      partitions: 3,
      configs: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
    },
  ]);
  expect([...changelogs.keys()]).toEqual(['windows', 'all'].sort().reverse());
  expect(changelogs.get('all')).toMatchObject({ partitions: 3, configs: { 'cleanup.policy': 'compact' } });
  expect(changelogs.get('windows')).toMatchObject({
    partitions: 2,
    configs: { 'cleanup.policy': 'compact,delete' },
  });
  expect(subTopologies.map(({ partitions }) => partitions)).toHaveLength(4);
});
