import { expect, test } from 'vitest';
import { createTopics, writeTxnMarkers } from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { RawClient } from '../support/raw-client.ts';
import { RawTransactions, valuesOf } from '../support/transactional.ts';

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
