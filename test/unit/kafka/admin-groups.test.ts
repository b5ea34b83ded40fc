import { expect, test } from 'vitest';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { startBroker } from '../../support/broker.ts';
import { startConsumer } from '../../support/consumer.ts';

test('groups of real consumers are listed, described, kept while in use, and deleted', async () => {
  await using cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test' });
  await using _closed = { [Symbol.asyncDispose]: () => kafka.close() };
  const admin = kafka.admin();
  await admin.createTopics([{ name: 't', partitions: 2 }]);
  const producer = kafka.producer();
  await producer.start();
  for (let i = 0; i < 10; i++) producer.append('t', i % 2, null, Buffer.from('x'), Date.now(), null, i);
  await producer.flush();
  const both = [0, 1].map((partition) => ({ topic: 't', partition }));

  expect(await admin.listGroups()).toEqual([]);
  {
    await using consumer = await startConsumer(cluster.brokers, { group: 'g', topic: 't' });
    await consumer.read(10);
    expect(await admin.listGroups()).toEqual([{ group: 'g', protocolType: 'consumer' }]);
    const [described] = await admin.describeGroups(['g']);
    expect(described).toMatchObject({ group: 'g', state: 'Stable', protocol: 'RoundRobinAssigner' });
    expect(described!.members).toHaveLength(1);
    expect(described!.members[0]).toMatchObject({ clientId: 'reader', host: '127.0.0.1', assignment: both });
    await expect(admin.deleteGroup('g')).rejects.toMatchObject({ code: 'DDS_GROUP_IN_USE' });
    await expect(admin.deleteGroupOffsets('g', both)).rejects.toMatchObject({ code: 'DDS_GROUP_IN_USE' });
  }
  const [left] = await admin.describeGroups(['g']);
  expect(left).toMatchObject({ state: 'Empty', members: [] });
  const committed = await admin.allCommitted('g');
  expect(committed.sort((a, b) => a.partition - b.partition)).toEqual(
    both.map((one) => ({ ...one, offset: 5 })),
  );
  await admin.deleteGroupOffsets('g', [both[1]!]);
  expect(await admin.allCommitted('g')).toEqual([{ ...both[0], offset: 5 }]);
  await admin.deleteGroup('g');
  expect(await admin.listGroups()).toEqual([]);
  expect(await admin.allCommitted('g')).toEqual([]);
  expect(await admin.describeGroups(['g'])).toMatchObject([{ group: 'g', state: 'Dead', members: [] }]);
  await expect(admin.deleteGroup('g')).rejects.toMatchObject({ code: 'DDS_UNKNOWN_GROUP' });
});
