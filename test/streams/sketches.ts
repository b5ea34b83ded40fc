import {
  hopping,
  type Stream,
  session,
  type Table,
  type Topic,
  type TopologyBuilder,
  t,
  topic,
  tumbling,
  type Windowed,
  within,
} from '../../src/runtime/streams/index.ts';

type Strings = Stream<string, string>;
export const stringTopic = (
  name: string,
  timestamp?: Topic<string, string>['timestamp'],
): Topic<string, string> => topic(name, { key: t.string, value: t.string, ...(timestamp && { timestamp }) });
const out = stringTopic('out');

/** Unnamed, as the sketches have it: the types want a name, and what runs takes Kafka's. */
const unnamed = {} as { as: string };
const text = (value: unknown) => (value === null ? null : String(value));
const window = ({ key, start, end }: Windowed<string>) => `${key}@${start}/${end}`;
const dash = (left: unknown, right: unknown) => `${left}-${right}`;
const strings = { key: t.string, value: t.string };

function counts(table: Table<string, number>): void {
  table
    .toStream()
    .mapValues(text, { value: t.string })
    .to(out as never);
}
function windows<V>(table: Table<Windowed<string>, V>): void {
  table
    .toStream()
    .map((key, value) => [window(key), text(value)], { key: t.string })
    .to(out as never);
}
const plus = {
  init: () => '0',
  add: (_key: string, value: string, sum: string) => `${sum}+${value}`,
  value: t.string,
};
const input = (b: TopologyBuilder): Strings => b.stream(stringTopic('in'));
const table = (b: TopologyBuilder, name: string, options = unnamed) => b.table(stringTopic(name), options);
const leftRight = (b: TopologyBuilder) => [b.stream(stringTopic('left')), table(b, 'right')] as const;
const byNewKey = (b: TopologyBuilder) => input(b).selectKey((_key, value) => value, { key: t.string });
const isEven = (_key: string, value: string) => Number(value) % 2 === 0;

/** What each sketch of the fixture means. By id where a sketch alone does not say it. */
export const sketches: Record<string, (b: TopologyBuilder) => void> = {
  S01: (b) =>
    input(b)
      .filter((_key, value) => value !== null && Number(value) > 2)
      .to(out),
  S02: (b) =>
    input(b)
      .map((key, value) => [value, key], strings)
      .to(out),
  S03: (b) =>
    input(b)
      .flatMapValues((value) => (value === '' ? [] : value.split(' ')), strings)
      .to(out),
  S05: (b) =>
    b
      .stream(stringTopic('a'))
      .merge(b.stream(stringTopic('b')))
      .to(out),
  S06: (b) =>
    counts(
      input(b)
        .mapValues((value) => value, strings)
        .peek(() => {})
        .groupByKey()
        .count({ as: 'cnt' }),
    ),
  S07: (b) =>
    b.stream(stringTopic('in', ({ value, timestamp }) => (value === 'bad' ? -1 : timestamp))).to(out),
  S08: (b) =>
    input(b)
      .mapValues((value) => (value === 'x' ? null : value))
      .to(out),
  A01: (b) =>
    input(b)
      .groupByKey()
      .aggregate({ as: 'agg', ...plus })
      .toStream()
      .to(out),
  A03: (b) => counts(input(b).groupByKey().count({ as: 'cnt' })),
  A04: (b) =>
    input(b)
      .groupByKey()
      .reduce({ as: 'red', reduce: (a, c) => `${a}+${c}` })
      .toStream()
      .to(out),
  A06: (b) =>
    input(b)
      .groupByKey()
      .aggregate({
        as: 'mx',
        value: t.string,
        init: () => '0',
        add: (_k, v, a) => String(Math.max(Number(v), Number(a))),
      })
      .toStream()
      .to(out),
  A07: (b) => sketches.A01!(b),
  A09: (b) => counts(input(b).groupByKey().count({ as: 'cnt', logged: false })),
  T01: (b) => table(b, 'in', { as: 't' }).toStream().to(out),
  T02: (b) => sketches.T01!(b),
  T03: (b) => table(b, 'in').filter(isEven).toStream().to(out),
  T05: (b) =>
    table(b, 'in')
      .mapValues((value) => `${value}!`)
      .toStream()
      .to(out),
  T07: (b) =>
    table(b, 'in')
      .groupBy((key, value) => [key, value], strings)
      .aggregate({ as: 'ag', ...plus, subtract: (_key, value, sum) => `${sum}-${value}` })
      .toStream()
      .to(out),
  T08: (b) =>
    table(b, 'in', { as: 't', logged: false } as never)
      .toStream()
      .to(out),
  J01: joined((left, right) => left.join(right, dash)),
  J03: joined((left, right) => left.join(right, dash)),
  J04: joined((left, right) => left.join(right, dash)),
  J06: (b) => {
    const left = b.stream(stringTopic('left')).map((key, value) => [value, key], strings);
    left.join(table(b, 'right'), dash, { as: 'enrich' }).to(out);
  },
  J07: (b) =>
    b
      .stream(stringTopic('left'))
      .mapValues((v) => v, strings)
      .join(table(b, 'right'), dash)
      .to(out),
  J08: (b) => {
    const left = b.stream(stringTopic('left'));
    const right = b.globalTable(stringTopic('right'));
    left.join(right, { by: (_key, value) => (value === 'none' ? null : value) }, dash).to(out);
  },
  J10: (b) => {
    const events = input(b);
    events.join(events.groupByKey().count({ as: 'cnt' }), (value, count) => `${value}#${count}`).to(out);
  },
  J11: (b) => {
    const events = input(b);
    events.join(table(b, 'tbl'), dash).to(out);
    events.to(stringTopic('tbl'));
  },
  J12: joined((left, right) => left.join(right, (): string => null as never)),
  J14: joined((left, right) => left.leftJoin(right, dash)),
  K01: (b) => table(b, 'left').join(table(b, 'right'), dash).toStream().to(out),
  K02: (b) => table(b, 'left').leftJoin(table(b, 'right'), dash).toStream().to(out),
  K04: (b) => sketches.K01!(b),
  W01: (b) =>
    b
      .stream(stringTopic('left'))
      .join(b.stream(stringTopic('right')), dash, { ...unnamed, windows: within(10) })
      .to(out),
  G01: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(tumbling(500, { graceMs: 2000 }))
        .count(unnamed),
    ),
  G02: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(hopping(10, 5, { graceMs: 100 }))
        .aggregate({ ...unnamed, ...plus }),
    ),
  G04: (b) => windows(input(b).groupByKey().windowedBy(tumbling(10)).count(unnamed)),
  G06: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(tumbling(10))
        .aggregate({
          ...unnamed,
          value: t.string,
          init: () => '',
          add: (_k, v, a) => (v === 'del' ? null : a + v),
        }),
    ),
  G07: (b) => windows(input(b).groupByKey().windowedBy(hopping(12, 5)).count(unnamed)),
  E01: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(session(30, { graceMs: 1000 }))
        .count(unnamed),
    ),
  E03: (b) => windows(input(b).groupByKey().windowedBy(session(5)).count(unnamed)),
  E05: (b) => windows(input(b).groupByKey().windowedBy(session(10)).count(unnamed)),
  F01: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(tumbling(2, { graceMs: 1 }))
        .count(unnamed)
        .suppress({ ...unnamed, until: 'closed' }),
    ),
  F03: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(session(5))
        .count(unnamed)
        .suppress({ ...unnamed, until: 'closed' }),
    ),
  F04: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(tumbling(2, { graceMs: 1 }))
        .emit('final')
        .count({ as: 'w' }),
    ),
  F06: (b) =>
    counts(
      table(b, 'in')
        .groupBy((key, value) => [value, key], strings)
        .count(unnamed)
        .suppress({ ...unnamed, until: 'limit', limitMs: Number.MAX_SAFE_INTEGER, maxRecords: 1 }),
    ),
  F07: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(tumbling(100))
        .count(unnamed)
        .suppress({ ...unnamed, until: 'closed', maxRecords: 1 }),
    ),
  F09: (b) =>
    windows(
      input(b)
        .groupByKey()
        .windowedBy(session(5))
        .count({ as: 'ss' })
        .suppress({ ...unnamed, until: 'closed' }),
    ),
  R01: (b) =>
    counts(
      input(b)
        .selectKey((_key, value) => (value === 'nul' ? (null as never) : value), { key: t.string })
        .groupByKey()
        .count({ as: 'cnt' }),
    ),
  R02: (b) =>
    counts(
      input(b)
        .groupBy((_key, value) => value, { as: 'by-v', key: t.string })
        .count({ as: 'cnt' }),
    ),
  R03: (b) => {
    const grouped = byNewKey(b).groupByKey();
    counts(grouped.count({ as: 'c1' }));
    grouped
      .reduce({ as: 'c2', reduce: (_one, other) => other })
      .toStream()
      .to(stringTopic('out2'));
  },
  R04: (b) =>
    counts(
      input(b)
        .map((_key, value) => [value, value], strings)
        .repartition({ as: 'rp' })
        .groupByKey()
        .count({ as: 'cnt' }),
    ),
  R05: (b) => {
    for (const as of ['one', 'two'])
      input(b)
        .groupBy((_key, value) => value, { as: 'x', key: t.string })
        .count({ as });
  },
  R06: (b) => {
    for (const name of ['a', 'b']) b.stream(stringTopic(name)).groupByKey().count({ as: 's' });
  },
  R07: (b) => {
    b.stream(stringTopic('x'));
    table(b, 'x');
  },
  R08: () => hopping(3, 4),
  R10: (b) => sketches.R03!(b),
  R11: (b) => input(b).repartition({ as: 'rp' }).to(out),
  D02: (b) => {
    const withSensor = b
      .stream(stringTopic('events'))
      .leftJoin(table(b, 'sensors'), (event, sensor) => `${event}|${sensor}`);
    const devices = b.globalTable(stringTopic('devices'));
    const device = (_key: string, value: string) => (value.endsWith('|null') ? null : value.split('|')[1]!);
    withSensor.join(devices, { by: device }, (value, row) => `${value}|${row}`).to(out);
  },
};

function joined(join: (left: Strings, right: Table<string, string>) => Strings) {
  return (b: TopologyBuilder): void => {
    const [left, right] = leftRight(b);
    join(left, right).to(out);
  };
}
