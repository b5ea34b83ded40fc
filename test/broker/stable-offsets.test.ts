import { expect, test } from 'vitest';
import { createKafka } from '../../src/runtime/kafka/index.ts';
import { startBroker } from '../support/broker.ts';

const partition = { topic: 't', partition: 0 };

test('offsets that a transaction may still move are waited for, by those who ask for it', async () => {
  await using running = await startBroker();
  const kafka = createKafka({ brokers: running.brokers, clientId: 'test' });
  try {
    await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
    const assignor = { name: 'none', userData: () => new Uint8Array(), assign: async () => new Map() };
    const group = kafka.group({ groupId: 'g', topics: ['t'], assignor });
    const producer = kafka.producer({ transactionalId: 'p' });
    await producer.start();
    producer.begin();
    await producer.sendOffsets('g', [{ ...partition, offset: 7, metadata: 'seven' }]);
    expect(await group.committed([partition])).toEqual([{ ...partition, offset: -1, metadata: '' }]);

    const impatient = group.committed([partition], { stableUntil: AbortSignal.timeout(60) });
    await expect(impatient).rejects.toThrow(/abort|timeout/i);

    const stable = group.committed([partition], { stableUntil: new AbortController().signal });
    await producer.commit();
    expect(await stable).toEqual([{ ...partition, offset: 7, metadata: 'seven' }]);
  } finally {
    await kafka.close();
  }
});
