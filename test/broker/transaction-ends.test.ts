import { expect, test } from 'vitest';
import { createTopics, deleteTopics, writeTxnMarkers } from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { committedBy, RawTransactions, valuesOf } from '../support/transactional.ts';

const connect = ({ broker }: RunningBroker) => RawClient.connect(broker.ports.local!);
const withTopic = (client: RawClient) =>
  client.ask(createTopics, 3, {
    topics: [{ name: 't', numPartitions: 2, replicationFactor: 1 }],
    validateOnly: false,
  });

test('a marker with a coordinator epoch to come does not keep the coordinator itself from ending transactions', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  await withTopic(client);
  const producer = new RawTransactions(client, 'p');
  await producer.init();
  await producer.write('t', 0, 'a');
  await producer.end(true);
  const { producerId, epoch: producerEpoch } = producer;
  const topics = [{ name: 't', partitionIndexes: [0] }];
  const marker = { producerId, producerEpoch, transactionResult: false, coordinatorEpoch: 5, topics };
  await client.ask(writeTxnMarkers, 1, { markers: [marker] });
  for (const value of ['b', 'c']) {
    expect(await producer.write('t', 0, value)).toBe('NONE');
    expect(await producer.end(true)).toBe('NONE');
  }
  expect(await valuesOf(client, 't')).toEqual(['a', 'b', 'c']);
});

test('offsets in a transaction go with their topic: the end of the transaction does not bring them back', async () => {
  const dataDir = temporaryDirectory();
  const remove = (client: RawClient) => client.ask(deleteTopics, 3, { topicNames: ['t'], timeoutMs: 1000 });
  let open: RawTransactions;
  {
    await using running = await startBroker({ dataDir });
    await using client = await connect(running);
    await withTopic(client);
    const producer = new RawTransactions(client, 'p', true);
    await producer.init();
    expect(await producer.commitOffset('g', 't', 7)).toBe('NONE');
    await remove(client);
    await withTopic(client);
    expect(await producer.end(true)).toBe('NONE');
    expect(await committedBy(client, 'g', 't')).toBe(-1);

    open = new RawTransactions(client, 'q', true);
    await open.init();
    expect(await open.commitOffset('g', 't', 8)).toBe('NONE');
    await remove(client);
    await withTopic(client);
  }
  await using running = await startBroker({ dataDir });
  await using client = await connect(running);
  expect(await committedBy(client, 'g', 't')).toBe(-1);
  const { producerId, epoch } = open;
  const again = Object.assign(new RawTransactions(client, 'q', true), { producerId, epoch });
  expect(await again.end(true)).toBe('NONE');
  expect(await committedBy(client, 'g', 't')).toBe(-1);
});

test('who was fenced before the first transaction is told so when it ends one', async () => {
  await using running = await startBroker();
  await using client = await connect(running);
  const [old, heir] = [new RawTransactions(client, 'p', true), new RawTransactions(client, 'p', true)];
  await old.init();
  await heir.init();
  expect([await old.end(true), await old.end(false)]).toEqual(['PRODUCER_FENCED', 'PRODUCER_FENCED']);
  expect([await heir.end(true), await heir.end(false)]).toEqual(['INVALID_TXN_STATE', 'NONE']);
});
