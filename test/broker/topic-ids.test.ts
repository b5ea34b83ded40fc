import { expect, test } from 'vitest';
import {
  createTopics,
  describeTopicPartitions,
  kafkaErrorName,
  offsetCommit,
  offsetFetch,
  produce,
  type RequestInput,
  type ResponseOf,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';

const UNKNOWN_ID = '00000000-0000-0000-0000-0000000000ff';

async function withTopics(client: RawClient, ...names: string[]): Promise<string[]> {
  const topics = names.map((name) => ({ name, numPartitions: 3, replicationFactor: 1 }));
  const answer = await client.ask(createTopics, 7, { topics, validateOnly: false });
  return answer.topics.map(({ topicId }) => topicId);
}

test('Produce 13 and OffsetCommit and OffsetFetch 10 name topics by id', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const [topicId] = (await withTopics(client, 't')) as [string];
  const write = async (id: string) => {
    const topicData = [{ topicId: id, partitionData: [{ index: 0, records: batchOf([{}]) }] }];
    const answer = await client.ask(produce, 13, { acks: -1, timeoutMs: 1000, topicData });
    expect(answer.responses[0]!.topicId).toBe(id);
    return kafkaErrorName(answer.responses[0]!.partitionResponses[0]!.errorCode);
  };
  expect(await write(topicId)).toBe('NONE');
  expect(await write(UNKNOWN_ID)).toBe('UNKNOWN_TOPIC_ID');
  const committed = await client.ask(offsetCommit, 10, {
    groupId: 'g',
    topics: [topicId, UNKNOWN_ID].map((id) => ({
      topicId: id,
      partitions: [{ partitionIndex: 0, committedOffset: 1 }],
    })),
  });
  const errors = committed.topics.map(({ partitions }) => kafkaErrorName(partitions[0]!.errorCode));
  expect(errors).toEqual(['NONE', 'UNKNOWN_TOPIC_ID']);
  for (const topics of [null, [{ topicId, partitionIndexes: [0] }]]) {
    const fetched = await client.ask(offsetFetch, 10, {
      groups: [{ groupId: 'g', topics }],
      requireStable: true,
    });
    expect(fetched.groups[0]!.topics).toMatchObject([
      { topicId, partitions: [{ partitionIndex: 0, committedOffset: 1, errorCode: 0 }] },
    ]);
  }
});

test('DescribeTopicPartitions tells page after page', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopics(client, 'b', 'a', 'c');
  const told: string[] = [];
  let cursor: { topicName: string; partitionIndex: number } | null = null;
  let pages = 0;
  do {
    const request: RequestInput<typeof describeTopicPartitions> = {
      topics: [],
      responsePartitionLimit: 2,
      cursor,
    };
    const answer: ResponseOf<typeof describeTopicPartitions> = await client.ask(
      describeTopicPartitions,
      0,
      request,
    );
    for (const { name, partitions } of answer.topics)
      for (const { partitionIndex } of partitions) told.push(`${name}/${partitionIndex}`);
    cursor = answer.nextCursor;
    pages++;
  } while (cursor);
  expect(told).toEqual(
    ['a', 'b', 'c'].flatMap((name) => [0, 1, 2].map((partition) => `${name}/${partition}`)),
  );
  expect(pages).toBe(5);
  const named = await client.ask(describeTopicPartitions, 0, {
    topics: [{ name: 'a' }, { name: 'nope' }, { name: '' }],
  });
  expect(named.topics.map(({ errorCode }) => kafkaErrorName(errorCode))).toEqual([
    'INVALID_TOPIC_EXCEPTION',
    'NONE',
    'UNKNOWN_TOPIC_OR_PARTITION',
  ]);
  // Or the pages would never end.
  const one = await client.ask(describeTopicPartitions, 0, { topics: [], responsePartitionLimit: 0 });
  expect(one.nextCursor).toMatchObject({ topicName: 'a', partitionIndex: 1 });
});
