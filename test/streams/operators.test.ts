import { expect, test } from 'vitest';
import { sliding, t, testDriver, topic, topology, within } from '../../src/runtime/streams/index.ts';
import { stringTopic } from './sketches.ts';

const [left, right, out] = ['left', 'right', 'out'].map((name) => stringTopic(name)) as [
  ReturnType<typeof stringTopic>,
  ReturnType<typeof stringTopic>,
  ReturnType<typeof stringTopic>,
];
const dash = (one: unknown, other: unknown) => `${one}-${other}`;

function joinOf(how: 'join' | 'leftJoin' | 'outerJoin', graceMs = 0) {
  const b = topology('app');
  const options = { as: 'j', windows: within(10, { graceMs }) };
  const [one, other] = [b.stream(left), b.stream(right)];
  const joined =
    how === 'join'
      ? one.join(other, dash, options)
      : how === 'leftJoin'
        ? one.leftJoin(other, dash, options)
        : one.outerJoin(other, dash, options);
  joined.to(out);
  const driver = testDriver(b.build());
  return (side: 'left' | 'right', key: string | null, value: string, ts: number) => {
    driver.in(side === 'left' ? left : right).pipe(key, value, { ts });
    return driver
      .out(out)
      .drain()
      .map((record) => `${record.key}:${record.value}@${record.timestamp}`);
  };
}

test('a left join of streams gives what found nothing once its window has closed', () => {
  const pipe = joinOf('leftJoin');
  expect(pipe('left', 'a', 'A', 0)).toEqual([]);
  expect(pipe('left', 'b', 'B', 5)).toEqual([]);
  expect(pipe('right', 'b', 'b', 8)).toEqual(['b:B-b@8']);
  expect(pipe('left', 'x', 'X', 10)).toEqual([]);
  expect(pipe('left', 'x', 'Y', 11)).toEqual(['a:A-null@0']);
  expect(pipe('left', null, 'Q', 12)).toEqual(['null:Q-null@12']);
});

test('an outer join does so for both sides, and grace keeps the window open', () => {
  const pipe = joinOf('outerJoin', 5);
  expect(pipe('right', 'a', 'a', 0)).toEqual([]);
  expect(pipe('left', 'b', 'B', 1)).toEqual([]);
  expect(pipe('left', 'x', 'X', 15)).toEqual([]);
  expect(pipe('left', 'x', 'Y', 17)).toEqual(['a:null-a@0', 'b:B-null@1']);
});

test('an inner join never shows what found nothing', () => {
  const pipe = joinOf('join');
  expect(pipe('left', 'a', 'A', 0)).toEqual([]);
  expect(pipe('right', 'a', 'a', 100)).toEqual([]);
  expect(pipe('right', null, 'b', 101)).toEqual([]);
});

test('sliding windows hold every set of records that lie so close', () => {
  const b = topology('app');
  const input = stringTopic('in');
  b.stream(input)
    .groupByKey()
    .windowedBy(sliding(10, { graceMs: 50 }))
    .aggregate({ as: 's', value: t.string, init: () => '', add: (_key, value, sum) => sum + value })
    .toStream()
    .map(({ key, start, end }, value) => [`${key}@${start}/${end}`, value], { key: t.string })
    .to(out as never);
  using driver = testDriver(b.build());
  const pipe = (value: string, ts: number) => {
    driver.in(input).pipe('k', value, { ts });
    return driver
      .out(out)
      .drain()
      .map(({ key, value: result }) => `${key}=${result}`);
  };
  expect(pipe('a', 20)).toEqual(['k@10/20=a']);
  expect(pipe('b', 25)).toEqual(['k@21/31=b', 'k@15/25=ab']);
  // Out of order: between the two.
  expect(pipe('c', 22)).toEqual(['k@15/25=abc', 'k@21/31=bc', 'k@12/22=ac', 'k@23/33=b']);
});

test('a processor has stores and timers', () => {
  const b = topology('app');
  const seen = topic('seen', { key: t.string, value: t.long });
  b.stream(left)
    .process<string, number>({
      as: 'counter',
      stores: { counts: { key: t.string, value: t.long } },
      key: t.string,
      value: t.long,
      onRecord({ key }, context) {
        const store = context.store('counts');
        store.put(key, ((store.get(key) as number | null) ?? 0) + 1);
      },
      every: {
        ms: 100,
        clock: 'wall',
        run(context) {
          for (const { key, value } of context.store('counts').entries())
            context.forward(key as string, value as number);
        },
      },
    })
    .to(seen);
  using driver = testDriver(b.build());
  for (const key of ['a', 'b', 'a']) driver.in(left).pipe(key, 'x', { ts: 1 });
  expect(driver.out(seen).drain()).toEqual([]);
  driver.advance(100);
  expect(
    driver
      .out(seen)
      .drain()
      .map(({ key, value, timestamp }) => [key, value, timestamp]),
  ).toEqual([
    ['a', 2, 100],
    ['b', 1, 100],
  ]);
  expect(driver.store('counts').rows).toBe(2);
});

test('undefined from an aggregator is a mistake, not a deletion', () => {
  const b = topology('app');
  b.stream(left)
    .groupByKey()
    .aggregate({ as: 'a', value: t.string, init: () => '', add: () => undefined as never });
  using driver = testDriver(b.build());
  expect(() => driver.in(left).pipe('k', 'v')).toThrow(/returned undefined/);
});

test('where bytes are needed, a serde has to be there', () => {
  const b = topology('app');
  const rekeyed = b.stream(left).map((_key, value) => [value.length, value]);
  expect(() => rekeyed.groupByKey().count({ as: 'c' })).toThrow(/needs a serde/);
});

test('types flow: a wrong key or value does not compile', () => {
  const b = topology('types');
  const numbers = topic('numbers', { key: t.string, value: t.number });
  const stream = b.stream(left);
  stream.mapValues((value) => value.toUpperCase());
  // @ts-expect-error a string has no toFixed
  stream.mapValues((value) => value.toFixed());
  // @ts-expect-error the topic's values are numbers
  const wrong = () => stream.to(numbers);
  // @ts-expect-error a stateful operator needs a name
  const unnamed = () => stream.groupByKey().count();
  // @ts-expect-error keys of both sides have one type
  const mixed = () => stream.join(b.table(topic('x', { key: t.number, value: t.string }), { as: 'x' }), dash);
  expect([wrong, unnamed, mixed].every((one) => typeof one === 'function')).toBe(true);
});

test('headers go on to what is made of a record, but for those that say how a relay brought it', () => {
  const b = topology('app');
  b.stream(left).repartition({ as: 'again' }).to(out);
  using driver = testDriver(b.build());
  const value = Buffer.from('edge-1');
  const keys = ['dds-site', 'trace', 'dds-route', 'dds-source'];
  driver.in(left).pipe('a', 'A', { ts: 1, headers: keys.map((key) => ({ key, value })) });
  const [record] = driver.out(out).drain();
  expect(record!.headers).toEqual([{ key: 'trace', value }]);
});
