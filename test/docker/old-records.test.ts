import { expect, test } from 'vitest';
import { createTopics, initProducerId } from '../../src/runtime/protocol/index.ts';
import { startKafka } from '../support/kafka-containers.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { until } from '../support/stack.ts';

const day = 24 * 60 * 60 * 1000;

/** docs/docker.md tells of it: producer.id.expiration.ms, a day, is counted from the times of the records. */
test('after a crash Kafka knows a batch that comes again by the age of its records', async () => {
  await using kafka = await startKafka();
  const port = Number(kafka.brokers[0]!.split(':')[1]);
  const topics = ['young', 'old'];
  const batches = await (async () => {
    await using client = await RawClient.connect(port);
    await client.ask(createTopics, 5, {
      topics: topics.map((name) => ({ name, numPartitions: 1, replicationFactor: 1 })),
      timeoutMs: 30_000,
    });
    // A broker that has just started has no ids yet.
    const { producerId, producerEpoch } = await until(
      () => client.ask(initProducerId, 4, { transactionTimeoutMs: 60_000 }),
      ({ errorCode }) => errorCode === 0,
    );
    return [Date.now(), Date.now() - 2 * day].map((timestamp) =>
      batchOf([{ timestamp }], { producerId, producerEpoch, baseSequence: 0 }),
    );
  })();
  const send = async () => {
    await using client = await RawClient.connect(port);
    const answers = await Promise.all(topics.map((topic, at) => client.produce(topic, 0, batches[at]!)));
    return answers.map(({ errorCode, baseOffset }) => [errorCode, Number(baseOffset)]);
  };
  const first = [0, 0];
  expect(await send()).toEqual([first, first]);
  expect(await send()).toEqual([first, first]);
  await kafka.kill(1);
  await kafka.start(1);
  expect(await send()).toEqual([first, [0, 1]]);
});
