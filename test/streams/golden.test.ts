import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testDriver, topology } from '../../src/runtime/streams/index.ts';
import { sketches, stringTopic } from './sketches.ts';

type Piped = [topic: string, key: string | null, value: string | null, timestamp: number];
interface Case {
  id: string;
  title: string;
  note?: string;
  describe?: string;
  steps?: { in: Piped; out: Piped[]; throws?: string }[];
  droppedTotal?: number;
  stores?: Record<string, Record<string, [string, number]>>;
  producedTopics?: string[];
  buildThrows?: string;
}

const cases = JSON.parse(readFileSync(new URL('./fixtures/golden.json', import.meta.url), 'utf8')) as Case[];
/** Kafka's optimiser shares topics between operators, which ours does not do. */
const isOptimised = ({ title }: Case) => title.includes('optimization=all');

function build({ id }: Case) {
  const b = topology('app');
  sketches[id]!(b);
  return b.build();
}

/** What comes out at each step; where the note tells of another behaviour on purpose, that. */
function expectedSteps({ id, steps = [] }: Case) {
  // A final result of a session comes once, when no record can reach the session any more.
  if (id === 'F09') return steps.map((step, at) => (at === 1 ? { ...step, out: [] } : step));
  return steps;
}

test('every case has a topology', () => {
  expect(Object.keys(sketches).sort()).toEqual(cases.map(({ id }) => id).sort());
});

describe.each(cases.filter(({ buildThrows }) => buildThrows))('$id $title', (one) => {
  test('is refused', () => expect(() => build(one)).toThrow());
});

describe.each(cases.filter(({ buildThrows }) => !buildThrows))('$id $title', (one) => {
  test('gives what Kafka Streams gives', () => {
    using driver = testDriver(build(one));
    for (const { in: piped, out, throws } of expectedSteps(one)) {
      const [name, key, value, ts] = piped;
      const pipe = () => driver.in(stringTopic(name)).pipe(key, value, { ts });
      if (throws) expect(pipe, JSON.stringify(piped)).toThrow();
      else pipe();
      const topics = [...new Set(['out', 'out2', ...out.map(([topic]) => topic)])];
      const came = topics.flatMap((topic) =>
        driver
          .out(stringTopic(topic))
          .drain()
          .map((record): Piped => [topic, record.key, record.value, record.timestamp]),
      );
      const inOrder = topics.flatMap((topic) => out.filter(([name]) => name === topic));
      expect(came, JSON.stringify(piped)).toEqual(inOrder);
    }
    if (!one.note?.includes('compare outputs only')) expect(driver.dropped()).toBe(one.droppedTotal);
    for (const [name, rows] of Object.entries(one.stores ?? {})) {
      const found = driver.store<string, unknown>(name).entries();
      expect(Object.fromEntries(found.map((row) => [row.key, [String(row.value), row.timestamp]]))).toEqual(
        rows,
      );
    }
    if (!isOptimised(one)) expect(driver.topics()).toEqual([...one.producedTopics!].sort());
  });

  test.skipIf(isOptimised(one))('is described as Kafka Streams describes it', () => {
    expect(build(one).describe()).toBe(one.describe);
  });
});
