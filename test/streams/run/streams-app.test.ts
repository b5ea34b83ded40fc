import { expect, test } from 'vitest';
import { createKafka, type Kafka, partitionFor } from '../../../src/runtime/kafka/index.ts';
import { t, topic, topology } from '../../../src/runtime/streams/index.ts';
import {
  type StreamsApp,
  type StreamsOptions,
  streams,
} from '../../../src/runtime/streams/run/streams-app.ts';
import { type RunningBroker, startBroker } from '../../support/broker.ts';
import { eventually } from '../../support/lab.ts';

const words = topic('words', { key: t.string, value: t.string });
const counted = topic('counted', { key: t.string, value: t.long });
const partitions = 4;

/** Counts words in a store with a changelog; behind a repartition topic, or by the keys that they have. */
function counting(how: 'by-key' | 'repartitioned') {
  const b = topology('count');
  const stream = b.stream(words);
  const grouped =
    how === 'by-key'
      ? stream.groupByKey()
      : stream.groupBy((_key, word) => word, { as: 'by-word', key: t.string });
  grouped.count({ as: 'counts' }).toStream().to(counted);
  return b.build();
}

interface Bench extends AsyncDisposable {
  kafka: Kafka;
  write(list: readonly string[]): Promise<void>;
  start(options?: Partial<StreamsOptions>): Promise<StreamsApp>;
}

async function bench(how: Parameters<typeof counting>[0]): Promise<Bench> {
  const running: RunningBroker = await startBroker();
  const kafka = createKafka({ brokers: running.brokers, clientId: 'test' });
  const clients: Kafka[] = [kafka];
  const apps: StreamsApp[] = [];
  await kafka.admin().createTopics(['words', 'counted', 'dead'].map((name) => ({ name, partitions })));
  const producer = kafka.producer();
  await producer.start();
  let written = 0;
  return {
    kafka,
    async write(list) {
      for (const word of list) {
        const key = Buffer.from(word);
        producer.append('words', partitionFor(key, partitions), key, Buffer.from(word), ++written, null, 0);
      }
      await producer.flush();
    },
    async start(options = {}) {
      const own = createKafka({ brokers: running.brokers, clientId: 'app' });
      clients.push(own);
      const app = streams(counting(how), {
        kafka: own,
        commitIntervalMs: 50,
        sessionTimeoutMs: 6000,
        ...options,
      });
      apps.push(app);
      await app.start();
      return app;
    },
    async [Symbol.asyncDispose]() {
      for (const app of apps) await app.kill().catch(() => undefined);
      for (const client of clients) await client.close();
      await running[Symbol.asyncDispose]();
    },
  };
}

const sumOf = (apps: readonly StreamsApp[]) => {
  const sums: Record<string, number> = {};
  for (const app of apps)
    for (const { key, value } of app.entries<string, number>('counts')) sums[key] = (sums[key] ?? 0) + value;
  return sums;
};
const modelOf = (list: readonly string[]) => {
  const sums: Record<string, number> = {};
  for (const word of list) sums[word] = (sums[word] ?? 0) + 1;
  return sums;
};
const some = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => `w${(i * 7 + seed) % 13}`);
const reaches = (what: string, apps: () => readonly StreamsApp[], list: readonly string[]) =>
  eventually(
    what,
    () => JSON.stringify(sorted(sumOf(apps()))) === JSON.stringify(sorted(modelOf(list))),
    15_000,
  );
const sorted = (sums: Record<string, number>) => Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1));

test('a job counts, is closed, and goes on with its state', async () => {
  await using lab = await bench('repartitioned');
  const first = some(500, 1);
  await lab.write(first);
  const app = await lab.start();
  await reaches('the first count', () => [app], first);
  await app.close();
  const second = some(300, 5);
  await lab.write(second);
  const again = await lab.start();
  await reaches('the count over both', () => [again], [...first, ...second]);
}, 40_000);

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

test('a record that fails ends the job with its place, or goes to the dead-letter topic', async () => {
  await using lab = await bench('by-key');
  const strict = () => {
    const b = topology('strict');
    b.stream(words).mapValues((word) => {
      if (word === 'bad') throw new Error('a bad word');
      return word;
    });
    return b.build();
  };
  await lab.write(['good', 'bad', 'good']);
  const failing = streams(strict(), { kafka: lab.kafka });
  await failing.start();
  await expect(failing.ended).rejects.toThrow(/record words\/\d@\d+ failed: a bad word/);
  await failing.kill();
  const lenient = streams(strict(), {
    kafka: lab.kafka,
    onError: { deadLetterTopic: 'dead' },
    commitIntervalMs: 20,
  });
  await lenient.start();
  const ends = async () => {
    const each = Array.from({ length: partitions }, (_, partition) => ({ topic: 'dead', partition }));
    return (await lab.kafka.admin().offsets(each, 'latest')).reduce((sum, end) => sum + end, 0);
  };
  await eventually('the dead letter', async () => (await ends()) === 1);
  await lenient.close();
}, 40_000);

test('a global table is whole before the first record, and followed after it', async () => {
  await using lab = await bench('by-key');
  const put = async (to: string, key: string, value: string) => {
    const producer = lab.kafka.producer();
    await producer.start();
    const bytes = Buffer.from(key);
    producer.append(to, partitionFor(bytes, partitions), bytes, Buffer.from(value), 1, null, 0);
    await producer.close();
  };
  await lab.kafka.admin().createTopics(['names', 'joined'].map((name) => ({ name, partitions })));
  for (const word of ['a', 'b', 'c', 'd']) await put('names', word, `first ${word}`);
  await lab.write(['a', 'd']);
  const b = topology('naming');
  const names = b.globalTable(topic('names', { key: t.string, value: t.string }), { as: 'names' });
  const joined = topic('joined', { key: t.string, value: t.string });
  b.stream(words)
    .join(
      names,
      (_key, word) => word,
      (word, name) => `${word}=${name}`,
    )
    .to(joined);
  const app = streams(b.build(), { kafka: lab.kafka, commitIntervalMs: 20 });
  await app.start();
  const count = async () => {
    const each = Array.from({ length: partitions }, (_, partition) => ({ topic: 'joined', partition }));
    return (await lab.kafka.admin().offsets(each, 'latest')).reduce((sum, end) => sum + end, 0);
  };
  await eventually('both were joined', async () => (await count()) === 2);
  await put('names', 'e', 'later');
  await eventually('the row that came later', () => [...app.entries('names')].length === 5);
  await lab.write(['e']);
  await eventually('the third was joined', async () => (await count()) === 3);
  await app.close();
}, 40_000);
