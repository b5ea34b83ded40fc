import { fork } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { topology } from '../../../src/runtime/streams/index.ts';
import { streams } from '../../../src/runtime/streams/run/streams-app.ts';
import { counted, counting, words } from '../../support/counting.ts';
import { exactly, instanceEntry, killedAtEveryMoment } from '../../support/killed-instances.ts';
import { eventually } from '../../support/lab.ts';
import {
  bench,
  modelOf,
  outputsOf,
  outputsOfModel,
  processedBy,
  reaches,
  some,
  sumOf,
} from '../../support/streams-bench.ts';

const count = (outputs: Record<string, number[]>) =>
  Object.values(outputs).reduce((sum, { length }) => sum + length, 0);

test.each(['by-key', 'repartitioned'] as const)(
  'SIGKILL at every moment, %s: readers see what a sequential count gives, and so does the store',
  async (how) => {
    await using lab = await bench(how);
    const all = await killedAtEveryMoment(lab, how);
    expect(await outputsOf(lab.kafka)).toEqual(outputsOfModel(all));
    // Otherwise nobody has died in the middle of anything. Behind a repartition topic a transaction may have come to no output yet.
    if (how === 'by-key')
      expect(count(await outputsOf(lab.kafka, 'read_uncommitted'))).toBeGreaterThan(all.length);
  },
  120_000,
);

test('SIGKILL at any moment: readers see what a sequential count gives', async () => {
  await using lab = await bench('repartitioned');
  const all: string[] = [];
  for (let round = 0; round < 4; round++) {
    const instance = fork(instanceEntry, [lab.brokers[0]!, 'repartitioned', 'committed', '1000000']);
    const died = once(instance, 'exit');
    try {
      const list = some(3000, round);
      all.push(...list);
      await lab.write(list);
      let done = 0;
      while (done <= round * 700) [done] = (await once(instance, 'message')) as [number];
    } finally {
      instance.kill('SIGKILL');
      await died;
    }
  }
  const heir = await lab.start({ ...exactly });
  await reaches('the count of the heir', () => [heir], all);
  await heir.close();
  expect(await outputsOf(lab.kafka)).toEqual(outputsOfModel(all));
}, 120_000);

test.each(['by-key', 'repartitioned'] as const)(
  'instances that come, go and die, %s: what is kept over a rebalance counts nothing twice',
  async (how) => {
    await using lab = await bench(how);
    const all: string[] = [];
    const stays = await lab.start({ ...exactly });
    for (let round = 0; round < 25; round++) {
      const list = some(200, round);
      all.push(...list);
      await lab.write(list);
      const guest = await lab.start({ ...exactly });
      if (round % 8 === 7) {
        const more = some(100, round + 50);
        all.push(...more);
        await lab.write(more);
        await reaches(`round ${round}`, () => [stays, guest], all);
      }
      await guest.close();
    }
    await reaches('the end', () => [stays], all);
    await stays.close();
    expect(await outputsOf(lab.kafka)).toEqual(outputsOfModel(all));
  },
  120_000,
);

test('a transaction that was open for too long is aborted, and its work done again', async () => {
  await using lab = await bench('by-key');
  const b = topology('slow');
  let calls = 0;
  b.stream(words)
    .mapValues(async () => {
      // As a machine that was asleep: the first record is in the transaction by then.
      if (++calls === 2) await new Promise((resolve) => setTimeout(resolve, 1000));
      return calls;
    })
    .to(counted);
  await lab.write(['word', 'word', 'word']);
  const app = streams(b.build(), { kafka: lab.kafka, ...exactly, transactionTimeoutMs: 300 });
  await app.start();
  const seen = () => outputsOf(lab.kafka);
  await eventually('all three', async () => (await seen()).word?.length === 3);
  // The first try was given up.
  expect(await seen()).toEqual({ word: [3, 4, 5] });
  await app.close();
}, 30_000);

test('of two instances with one name the newer one goes on', async () => {
  await using lab = await bench('by-key');
  const list = some(500, 1);
  const older = await lab.start({ ...exactly, instanceId: 'one', transactionTimeoutMs: 60_000 });
  const death = expect(older.ended).rejects.toMatchObject({ code: 'DDS_FENCED' });
  const newer = await lab.start({ ...exactly, instanceId: 'one', transactionTimeoutMs: 60_000 });
  await lab.write(list);
  await death;
  await reaches('the count of the newer', () => [newer], list);
  await newer.close();
  expect(await outputsOf(lab.kafka)).toEqual(outputsOfModel(list));
}, 30_000);

test('a job that is stopped goes from one guarantee to the other and back with its state', async () => {
  await using lab = await bench('repartitioned');
  const all: string[] = [];
  for (const guarantee of ['at-least-once', 'exactly-once', 'at-least-once'] as const) {
    const own = createKafka({ brokers: lab.brokers, clientId: 'app' });
    try {
      const app = streams(counting('repartitioned'), {
        kafka: own,
        ...exactly,
        guarantee,
        commitIntervalMs: 20,
      });
      await app.start();
      const list = some(500, all.length);
      all.push(...list);
      await lab.write(list);
      await eventually(guarantee, () => sumOf([app])[all[0]!] === modelOf(all)[all[0]!]);
      // What it has not worked on yet is the next one's.
      await lab.write(list);
      all.push(...list);
      await app.close();
    } finally {
      await own.close();
    }
  }
  const heir = await lab.start({ ...exactly });
  await reaches('the count of the heir', () => [heir], all);
}, 60_000);

test.each(['first', 'second'] as const)(
  'a job that crashed at-least-once before its %s commit goes on exactly-once, whenever that crashes, and counts nothing twice',
  async (which) => {
    await using lab = await bench('repartitioned');
    const all = some(1000, 3);
    await lab.write(all.slice(0, 100));
    const before = await lab.start({ ...exactly });
    await reaches('the count of who was there before', () => [before], all.slice(0, 100));
    await before.close();
    await lab.write(all.slice(100, 600));
    // Both halves of the topology work on each: so many are only done when it has come to what was written last.
    const committed = which === 'first' ? 0 : 1000;
    const dying = await lab.start({
      ...exactly,
      guarantee: 'at-least-once',
      onCommitStep(now) {
        if (now === 'written' && processedBy(dying) > committed) throw new Error('dies here');
      },
    });
    const death = expect(dying.ended).rejects.toThrow('dies here');
    if (which === 'second') await reaches('the first count', () => [dying], all.slice(0, 600));
    await lab.write(all.slice(600));
    await death;
    // What it had left on the repartition topic is there, and its input is read once more.
    for (const [round, moment] of (['produced', 'before the end', 'committed'] as const).entries()) {
      const instance = fork(instanceEntry, [lab.brokers[0]!, 'repartitioned', moment, '1', 'one']);
      const died = once(instance, 'exit');
      const more = some(100, round);
      all.push(...more);
      await lab.write(more);
      expect(await died, moment).toEqual([null, 'SIGKILL']);
    }
    const heir = await lab.start({ ...exactly });
    await reaches('the count of the heir', () => [heir], all);
    await heir.close();
  },
  60_000,
);
