import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { streams } from '../../../src/runtime/streams/run/streams-app.ts';
import { counting } from '../../support/counting.ts';
import { eventually } from '../../support/lab.ts';
import { bench, reaches, some } from '../../support/streams-bench.ts';

const instanceEntry = fileURLToPath(new URL('../../support/streams-process.ts', import.meta.url));

test.each([
  ['written', 'by-key'],
  ['committed', 'by-key'],
  ['written', 'repartitioned'],
  ['committed', 'repartitioned'],
] as const)(
  'an instance that dies after %s counts nothing twice, %s',
  async (step, how) => {
    await using lab = await bench(how);
    const list = some(1000, 3);
    await lab.write(list.slice(0, 600));
    let commits = 0;
    const dying = await lab.start({
      onCommitStep(now) {
        if (now === step && ++commits === 2) throw new Error('dies here');
      },
    });
    const death = expect(dying.ended).rejects.toThrow('dies here');
    await eventually('the first commit', () => commits > 0);
    await lab.write(list.slice(600));
    await death;
    const heir = await lab.start();
    await reaches('the count of the heir', () => [heir], list);
  },
  60_000,
);

test.each(['by-key', 'repartitioned'] as const)(
  'SIGKILL again and again, %s: the store is that of a sequential count',
  async (how) => {
    await using lab = await bench(how);
    const all: string[] = [];
    for (let round = 0; round < 5; round++) {
      const instance = fork(instanceEntry, [lab.brokers[0]!, how]);
      const died = once(instance, 'exit');
      try {
        const list = some(3000, round);
        all.push(...list);
        await lab.write(list);
        // Somewhere in the middle of it: where, the commits of 10 ms decide.
        let done = 0;
        while (done <= round * 500) [done] = (await once(instance, 'message')) as [number];
      } finally {
        instance.kill('SIGKILL');
        await died;
      }
    }
    const heir = await lab.start({ sessionTimeoutMs: 1000 });
    await reaches('the count of the heir', () => [heir], all);
  },
  60_000,
);

/** The port, telling when changelogs are read: the tasks themselves wait at the broker in another way. */
const watched = (kafka: Kafka, moment: 'before' | 'after', tell: () => void): Kafka => ({
  ...kafka,
  fetcher(options) {
    const fetcher = kafka.fetcher(options);
    if (options?.maxWaitMs !== undefined) return fetcher;
    const poll = fetcher.poll.bind(fetcher);
    fetcher.poll = async (...args) => {
      if (moment === 'before') tell();
      const result = await poll(...args);
      tell();
      return result;
    };
    return fetcher;
  },
});

test('an instance that dies while it reads its state back leaves it as it was', async () => {
  await using lab = await bench('by-key');
  const list = some(3000, 9);
  await lab.write(list);
  const first = await lab.start({ sessionTimeoutMs: 1000 });
  await reaches('the count', () => [first], list);
  await first.close();
  for (const moment of ['before', 'after'] as const) {
    const reading = Promise.withResolvers<void>();
    // Of its own: with it ends what a process would end with, its heartbeats.
    const own = createKafka({ brokers: lab.brokers, clientId: 'dying' });
    try {
      const kafka = watched(own, moment, reading.resolve);
      const dying = streams(counting('by-key'), { kafka, sessionTimeoutMs: 1000 });
      const started = dying.start().catch(() => undefined);
      await reading.promise;
      await dying.kill();
      await started;
    } finally {
      await own.close();
    }
  }
  const heir = await lab.start({ sessionTimeoutMs: 1000 });
  await reaches('the count of the heir', () => [heir], list);
}, 60_000);

test('instances that come and go leave the sequential result', async () => {
  await using lab = await bench('repartitioned');
  const all: string[] = [];
  const stays = await lab.start();
  for (let round = 0; round < 25; round++) {
    const list = some(200, round);
    all.push(...list);
    await lab.write(list);
    const guest = await lab.start();
    if (round % 2 === 0) await guest.close();
    else {
      const more = some(100, round + 50);
      all.push(...more);
      await lab.write(more);
      await reaches(`round ${round}`, () => [stays, guest], all);
      await guest.close();
    }
  }
  await reaches('the end', () => [stays], all);
}, 120_000);
