import { expect, test } from 'vitest';
import { partitionFor } from '../../../src/runtime/kafka/index.ts';
import { t, topic, topology } from '../../../src/runtime/streams/index.ts';
import { streams } from '../../../src/runtime/streams/run/streams-app.ts';
import { startBroker } from '../../support/broker.ts';
import { words } from '../../support/counting.ts';
import { eventually } from '../../support/lab.ts';
import { bench, partitions, quickConfig, reaches, some } from '../../support/streams-bench.ts';

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
    .join(names, { by: (_key, word) => word }, (word, name) => `${word}=${name}`)
    .to(joined);
  await using app = streams(b.build(), { kafka: lab.kafka, commitIntervalMs: 20 });
  await app.start();
  const count = async () => {
    const each = Array.from({ length: partitions }, (_, partition) => ({ topic: 'joined', partition }));
    return (await lab.kafka.admin().offsets(each, 'latest')).reduce((sum, end) => sum + end, 0);
  };
  await eventually('both were joined', async () => (await count()) === 2);
  await put('names', 'e', 'later');
  await eventually('the row that came later', () => [...app.store('names').entries()].length === 5);
  await lab.write(['e']);
  await eventually('the third was joined', async () => (await count()) === 3);
}, 40_000);

test('a global table that goes while another is still read ends the job, and is named', async () => {
  const running = await startBroker({ config: quickConfig });
  await using lab = await bench('by-key', running);
  const { faults } = running.broker;
  const admin = lab.kafka.admin();
  await admin.createTopics(['early', 'late', 'joined'].map((name) => ({ name, partitions })));
  const producer = lab.kafka.producer();
  await producer.start();
  for (const name of ['early', 'late']) {
    producer.append(name, 0, Buffer.from('k'), Buffer.from('v'), 1, null, 0);
  }
  await producer.close();
  const fault = faults.add({
    api: 'Fetch',
    topic: 'late',
    times: 1,
    action: { kind: 'delay', ms: 1000 },
  });
  const b = topology('tables');
  const table = (name: string) =>
    b.globalTable(topic(name, { key: t.string, value: t.string }), { as: name });
  const [early, late] = [table('early'), table('late')];
  b.stream(words)
    .join(early, { by: (_key, word) => word }, (word, name) => `${word}=${name}`)
    .join(late, { by: (_key, word) => word }, (word, name) => `${word}=${name}`)
    .to(topic('joined', { key: t.string, value: t.string }));
  await using app = streams(b.build(), { kafka: lab.kafka, commitIntervalMs: 20 });
  const ended = app.start().then(() => app.ended);
  await eventually('the second is read', () => faults.list().some(({ id, hits }) => id === fault.id && hits));
  await admin.deleteTopics(['early']);
  await expect(ended).rejects.toThrow(/^global table early\/\d: /);
}, 40_000);
