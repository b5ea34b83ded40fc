import { expect, test } from 'vitest';
import { t, topic, topology } from '../../../src/runtime/streams/index.ts';
import { streams } from '../../../src/runtime/streams/run/streams-app.ts';
import { words } from '../../support/counting.ts';
import { eventually } from '../../support/lab.ts';
import { readAll } from '../../support/relay-lab.ts';
import { bench, partitions, processedBy, reaches, some } from '../../support/streams-bench.ts';

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
  const source = Buffer.alloc(28, 7);
  await lab.write(['good']);
  await lab.write(['bad'], [{ key: 'dds-source', value: source }]);
  await lab.write(['good']);
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
  const [letter] = await readAll(lab.kafka, 'dead');
  const { 'dds-source': relayed, ...headers } = letter!.headers;
  expect(relayed).toEqual(source);
  expect(headers['dds-dead-letter-reason']!.toString()).toBe('a bad word');
  expect(headers['dds-dead-letter-source']!.toString()).toMatch(/^words\/\d@\d+$/);
}, 40_000);

test.each([
  ['skip', 0],
  [{ deadLetterTopic: 'dead' }, 1],
  [{ deserialization: { deadLetterTopic: 'dead' } }, 1],
] as const)(
  'a poison record under %j is passed, and counted',
  async (onError, letters) => {
    await using lab = await bench('by-key');
    const numbers = topic('words', { key: t.string, value: t.json<{ n: number }>() });
    const b = topology('poison');
    b.stream(numbers).mapValues(({ n }) => n);
    await lab.write(['{"n":1}', 'no JSON', '{"n":2}']);
    const app = streams(b.build(), { kafka: lab.kafka, onError, commitIntervalMs: 20 });
    await app.start();
    await eventually('all three', () => processedBy(app) === 3);
    expect(app.info()).toMatchObject({
      ...{ failed: { deserialization: 1, processing: 0, production: 0 }, deadLetters: letters },
    });
    await app.close();
    const each = Array.from({ length: partitions }, (_, partition) => ({ topic: 'dead', partition }));
    const ends = await lab.kafka.admin().offsets(each, 'latest');
    expect(ends.reduce((sum, end) => sum + end, 0)).toBe(letters);
  },
  30_000,
);

test('what cannot be written is left out or ends the job, as it is set', async () => {
  await using lab = await bench('by-key');
  const narrow = topic('counted', {
    key: t.string,
    value: { ...t.string, encode: (value: string) => Buffer.from(value === 'bad' ? fail('too bad') : value) },
  });
  const fail = (reason: string): never => {
    throw new Error(reason);
  };
  const build = (id: string) => {
    const b = topology(id);
    b.stream(words).to(narrow);
    return b.build();
  };
  await lab.write(['good', 'bad', 'good']);
  const lenient = streams(build('lenient'), { kafka: lab.kafka, onError: { production: 'skip' } });
  await lenient.start();
  await eventually('all three', () => processedBy(lenient) === 3);
  expect(lenient.info().tasks.map(({ drops }) => drops.unwritable ?? 0)).toContain(1);
  await lenient.close();
  const strict = streams(build('strict'), { kafka: lab.kafka });
  await strict.start();
  await expect(strict.ended).rejects.toMatchObject({
    ...{ code: 'DDS_STREAMS_RECORD', message: expect.stringContaining('failed: too bad') },
  });
  await strict.kill();
}, 30_000);

test('an instance with another topology than its job is refused, and the job goes on', async () => {
  await using lab = await bench('by-key');
  const running = await lab.start();
  const b = topology('count');
  b.stream(words).filter(() => true);
  const other = streams(b.build(), { kafka: lab.kafka });
  await expect(other.start()).rejects.toMatchObject({ code: 'DDS_STREAMS_TOPOLOGY' });
  await other.kill();
  const list = some(50, 2);
  await lab.write(list);
  await reaches('the count', () => [running], list);
}, 30_000);

test('more partitions of an input end a job, or it goes on with all of them', async () => {
  await using lab = await bench('by-key');
  const first = some(50, 2);
  await lab.write(first);
  const strict = await lab.start();
  await reaches('the count', () => [strict], first);
  await lab.kafka.admin().createPartitions('words', partitions + 2);
  await expect(strict.ended).rejects.toMatchObject({
    ...{ code: 'DDS_STREAMS_TOPOLOGY', message: 'words has 6 partitions now, and had 4' },
  });
  await expect(lab.start()).rejects.toThrow('count-counts-changelog has 4 partitions and needs 6');
  const going = await lab.start({ whenPartitionsGrow: 'go-on' });
  expect(going.info().tasks).toHaveLength(partitions + 2);
  await going.close();
}, 30_000);

test('a changelog that was deleted is told, not taken for an empty one', async () => {
  await using lab = await bench('by-key');
  const list = some(50, 2);
  await lab.write(list);
  const app = await lab.start();
  await reaches('the count', () => [app], list);
  await app.close();
  await lab.kafka.admin().deleteTopics(['count-counts-changelog']);
  await expect(lab.start()).rejects.toMatchObject({ code: 'DDS_STREAMS_STATE' });
}, 30_000);

test('what another tool noted beside a position is left alone', async () => {
  await using lab = await bench('by-key');
  const group = lab.kafka.group({
    ...{ groupId: 'count', topics: ['words'] },
    assignor: {
      name: 'nothing',
      userData: () => new Uint8Array(),
      assign: async () => new Map(),
    },
  });
  await group.join(new AbortController().signal);
  await group.commit([{ topic: 'words', partition: 0, offset: 0, metadata: 'set back by hand' }]);
  await group.leave();
  const list = some(50, 2);
  await lab.write(list);
  const app = await lab.start();
  await reaches('the count', () => [app], list);
}, 30_000);
