import { expect, test } from 'vitest';
import {
  alterPartitionReassignments,
  createTopics,
  deleteRecords,
  describeCluster,
  describeGroups,
  describeTopicPartitions,
  electLeaders,
  fetch,
  findCoordinator,
  heartbeat,
  initProducerId,
  kafkaErrorName,
  listGroups,
  listOffsets,
  listPartitionReassignments,
  metadata,
  offsetCommit,
  offsetForLeaderEpoch,
  produce,
  RecordBatch,
} from '../../src/runtime/protocol/index.ts';
import { makeTopic, type RunningNodes, startNodes } from '../support/nodes.ts';
import { batchOf, type RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const at = (address: string) => {
  const [host, port] = address.split(':');
  return { host, port: Number(port) };
};
const told = (addresses: string[], ids = [1, 2, 3]) =>
  ids.map((nodeId) => ({ nodeId, ...at(addresses[nodeId - 1]!) }));

async function partitionOf(client: RawClient, topic: string, partition = 0) {
  const { topics } = await client.ask(metadata, 12, {
    topics: [{ name: topic }],
    allowAutoTopicCreation: false,
  });
  return topics[0]!.partitions[partition]!;
}

const outcome = async (client: RawClient, topic: string, partition = 0, version = 9) =>
  kafkaErrorName((await client.produce(topic, partition, batchOf([{}]), version)).errorCode);

test('each listener tells all nodes by its own addresses; leaders are spread, replicas and ISR told', async () => {
  await using running = await startNodes();
  await using client = await running.connect(1);
  await using remote = await running.connect(3, 'wan');
  await makeTopic(client, 't', 4);
  const local = await client.ask(metadata, 12, { topics: [{ name: 't' }], allowAutoTopicCreation: false });
  expect(local.brokers).toMatchObject(told(running.brokers));
  expect(local.topics[0]!.partitions).toMatchObject(
    [
      [1, 2, 3],
      [2, 3, 1],
      [3, 1, 2],
      [1, 2, 3],
    ].map((nodes, partitionIndex) => ({
      ...{ errorCode: 0, partitionIndex, leaderId: nodes[0], leaderEpoch: 0 },
      ...{ replicaNodes: nodes, isrNodes: nodes, offlineReplicas: [] },
    })),
  );
  const wan = await remote.ask(metadata, 12, { topics: null, allowAutoTopicCreation: false });
  expect(wan.brokers).toMatchObject(told(running.wanBrokers));
  const cluster = await remote.ask(describeCluster, 2, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: true,
  });
  expect(cluster.brokers).toMatchObject(
    told(running.wanBrokers).map(({ nodeId, ...where }) => ({ brokerId: nodeId, ...where, isFenced: false })),
  );
  const described = await remote.ask(describeTopicPartitions, 0, { topics: [{ name: 't' }] });
  expect(described.topics[0]!.partitions.map(({ leaderId }) => leaderId)).toEqual([1, 2, 3, 1]);
});

test('a node that does not lead says who does, and where', async () => {
  await using running = await startNodes();
  await using client = await running.connect(1);
  await using remote = await running.connect(1, 'wan');
  await makeTopic(client, 't', 3);
  expect(await outcome(client, 't', 0)).toBe('NONE');
  expect(await outcome(client, 't', 1)).toBe('NOT_LEADER_OR_FOLLOWER');
  const records = batchOf([{}]);
  const body = {
    ...{ acks: -1, timeoutMs: 5000 },
    topicData: [{ name: 't', partitionData: [2, 0, 1].map((index) => ({ index, records })) }],
  };
  const produced = await remote.ask(produce, 10, body);
  expect(produced.responses[0]!.partitionResponses).toMatchObject([
    { index: 2, errorCode: 6, currentLeader: { leaderId: 3, leaderEpoch: 0 } },
    { index: 0, errorCode: 0, currentLeader: { leaderId: -1, leaderEpoch: -1 } },
    { index: 1, errorCode: 6, currentLeader: { leaderId: 2, leaderEpoch: 0 } },
  ]);
  expect(produced.nodeEndpoints).toMatchObject(told(running.wanBrokers, [2, 3]));
  const wanted = [{ name: 't', partitions: [{ partitionIndex: 1, timestamp: -1 }] }];
  const listed = await client.ask(listOffsets, 6, { topics: wanted });
  expect(listed.topics[0]!.partitions).toMatchObject([{ errorCode: 6 }]);
  const deleted = await client.ask(deleteRecords, 2, {
    ...{ timeoutMs: 1000, topics: [{ name: 't', partitions: [{ partitionIndex: 1, offset: 0 }] }] },
  });
  expect(deleted.topics[0]!.partitions).toMatchObject([{ errorCode: 6 }]);
  // Without an answer the connection is what tells.
  const unanswered = { ...body, acks: 0 };
  await expect(client.ask(produce, 9, unanswered)).rejects.toThrow('closed');
});

test('a fetch is answered by the leader and, from version 11 on, by the ISR; others say who leads', async () => {
  await using running = await startNodes();
  await using client = await running.connect(1);
  const assignments = [{ partitionIndex: 0, brokerIds: [2, 3] }];
  const topics = [{ name: 't', numPartitions: -1, replicationFactor: -1, assignments, configs: [] }];
  await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  const { topicId } = (await client.ask(metadata, 12, { topics: [{ name: 't' }] })).topics[0]!;
  const fetched = async (node: number, version: number, currentLeaderEpoch = -1) => {
    await using at = await running.connect(node);
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1024, currentLeaderEpoch }];
    const body = { maxWaitMs: 0, minBytes: 1, topics: [{ topic: 't', topicId, partitions }] };
    const answer = await at.ask(fetch, version, body);
    return { ...answer.responses[0]!.partitions[0]!, nodeEndpoints: answer.nodeEndpoints };
  };
  expect(await fetched(2, 10)).toMatchObject({ errorCode: 0 });
  expect(await fetched(3, 10)).toMatchObject({ errorCode: 6 });
  expect(await fetched(3, 11)).toMatchObject({ errorCode: 0 });
  expect(await fetched(1, 12)).toMatchObject({
    errorCode: 6,
    currentLeader: { leaderId: 2, leaderEpoch: 0 },
  });
  const leader = { currentLeader: { leaderId: 2, leaderEpoch: 0 } };
  const nodeEndpoints = told(running.brokers, [2]);
  expect(await fetched(1, 16)).toMatchObject({ errorCode: 6, ...leader, nodeEndpoints });
  await running.broker.nodes.stop([2]);
  await running.broker.nodes.start([2]);
  const later = { currentLeader: { leaderId: 2, leaderEpoch: 2 } };
  expect(await fetched(3, 16, 1)).toMatchObject({ errorCode: 74, ...later, nodeEndpoints });
  expect(await fetched(3, 16, 2)).toMatchObject({ errorCode: 0, nodeEndpoints: [] });
});

test('groups and transactions have one coordinator; the others do not answer for it', async () => {
  await using running = await startNodes();
  const clients = await Promise.all([1, 2, 3].map((node) => running.connect(node)));
  try {
    const keys = ['a', 'b', 'c', 'readers', 'relay:edge-1'];
    const found = await clients[0]!.ask(findCoordinator, 4, { keyType: 0, coordinatorKeys: keys });
    const nodes = found.coordinators.map(({ nodeId }) => nodeId);
    // 'a' is 97, 'b' 98, 'c' 99 to Java's hashCode.
    expect(nodes.slice(0, 3)).toEqual([2, 3, 1]);
    for (const client of clients)
      expect(
        (await client.ask(findCoordinator, 4, { keyType: 0, coordinatorKeys: keys })).coordinators[3],
      ).toMatchObject({ nodeId: nodes[3], ...at(running.brokers[nodes[3]! - 1]!) });
    const commit = {
      groupId: 'a',
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }],
    };
    await makeTopic(clients[0]!, 't', 1);
    const errors = [];
    const listed = [];
    for (const client of clients) {
      const committed = await client.ask(offsetCommit, 8, commit);
      const beat = await client.ask(heartbeat, 4, { groupId: 'a', generationId: 1, memberId: 'm' });
      const begun = await client.ask(initProducerId, 4, { transactionalId: 'a', transactionTimeoutMs: 1000 });
      errors.push(
        [committed.topics[0]!.partitions[0]!.errorCode, beat.errorCode, begun.errorCode].map(kafkaErrorName),
      );
      const groups = await client.ask(describeGroups, 5, { groups: ['a', 'b'] });
      errors.push(groups.groups.map(({ errorCode }) => kafkaErrorName(errorCode)));
      listed.push((await client.ask(listGroups, 4, {})).groups.map(({ groupId }) => groupId));
    }
    const other = Array.from({ length: 3 }, () => 'NOT_COORDINATOR');
    expect(errors).toEqual([
      other,
      ['NOT_COORDINATOR', 'NOT_COORDINATOR'],
      ['NONE', 'UNKNOWN_MEMBER_ID', 'NONE'],
      ['NONE', 'NOT_COORDINATOR'],
      other,
      ['NOT_COORDINATOR', 'NONE'],
    ]);
    expect(listed).toEqual([[], ['a'], []]);
    // An idempotent producer alone is nobody's.
    for (const client of clients)
      expect(
        await client.ask(initProducerId, 4, { transactionalId: null, transactionTimeoutMs: 0 }),
      ).toMatchObject({ errorCode: 0 });
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
});

test('replicas: as many as there are nodes, by number or by hand', async () => {
  await using running = await startNodes();
  await using client = await running.connect(2);
  const create = async (replicationFactor: number, brokerIds: number[][] = []) => {
    const assignments = brokerIds.map((ids, partitionIndex) => ({ partitionIndex, brokerIds: ids }));
    const numPartitions = brokerIds.length > 0 ? -1 : 2;
    const name = `t-${replicationFactor}-${brokerIds.join('-')}`.replaceAll(',', '_');
    const topics = [{ name, numPartitions, replicationFactor, assignments, configs: [] }];
    const answer = await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
    const error = kafkaErrorName(answer.topics[0]!.errorCode);
    if (error !== 'NONE') return error;
    return (await partitionOf(client, name)).replicaNodes;
  };
  expect(await create(2)).toEqual([1, 2]);
  expect(await create(4)).toBe('INVALID_REPLICATION_FACTOR');
  expect(await create(0)).toBe('INVALID_REPLICATION_FACTOR');
  expect(
    await create(-1, [
      [3, 1],
      [1, 2],
    ]),
  ).toEqual([3, 1]);
  expect(await create(-1, [[3, 3]])).toBe('INVALID_REPLICA_ASSIGNMENT');
  expect(await create(-1, [[4]])).toBe('INVALID_REPLICA_ASSIGNMENT');
  expect(await create(-1, [[1], [1, 2]])).toBe('INVALID_REPLICA_ASSIGNMENT');
  await running.broker.nodes.stop([3]);
  expect(await create(-1, [[3]])).toBe('INVALID_REPLICA_ASSIGNMENT');
  expect(await create(1)).toHaveLength(1);
});

test('leaders move when a node stops, in new epochs; the ISR shrinks, and what is asked for it is refused', async () => {
  await using running = await startNodes();
  const { nodes } = running.broker;
  await using client = await running.connect(2);
  await using last = await running.connect(3);
  const first = await running.connect(1);
  await makeTopic(client, 't', 3);
  for (const value of ['a', 'b']) await first.produce('t', 0, batchOf([{ value }]));
  await nodes.stop([1]);
  await first.closed;
  await expect(running.connect(1)).rejects.toThrow('ECONNREFUSED');
  expect(await partitionOf(client, 't')).toMatchObject({
    ...{ errorCode: 0, leaderId: 2, leaderEpoch: 1 },
    ...{ replicaNodes: [1, 2, 3], isrNodes: [2, 3], offlineReplicas: [1] },
  });
  const alive = await client.ask(describeCluster, 2, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: false,
  });
  expect(alive.brokers.map(({ brokerId }) => brokerId)).toEqual([2, 3]);
  const all = await client.ask(describeCluster, 2, {
    includeClusterAuthorizedOperations: false,
    includeFencedBrokers: true,
  });
  expect(all.brokers.map(({ isFenced }) => isFenced)).toEqual([true, false, false]);
  expect(await outcome(client, 't')).toBe('NONE');
  const batches = (await client.fetch('t', 0, 0)).records!;
  const epochs = [];
  for (let position = 0; position < batches.length; ) {
    const batch = new RecordBatch(batches, position);
    epochs.push(batch.leaderEpoch);
    position = batch.end;
  }
  expect(epochs).toEqual([0, 0, 1]);
  const ends = await client.ask(offsetForLeaderEpoch, 4, {
    replicaId: -1,
    topics: [
      {
        topic: 't',
        partitions: [0, 1, 2].map((leaderEpoch) => ({ partition: 0, leaderEpoch, currentLeaderEpoch: 1 })),
      },
    ],
  });
  expect(ends.topics[0]!.partitions).toMatchObject([
    { errorCode: 0, leaderEpoch: 0, endOffset: 2 },
    { errorCode: 0, leaderEpoch: 1, endOffset: 3 },
    { errorCode: 0, leaderEpoch: -1, endOffset: -1 },
  ]);
  const epochError = async (currentLeaderEpoch: number) => {
    const partitions = [{ partitionIndex: 0, timestamp: -1, currentLeaderEpoch }];
    const answer = await client.ask(listOffsets, 6, { topics: [{ name: 't', partitions }] });
    return kafkaErrorName(answer.topics[0]!.partitions[0]!.errorCode);
  };
  expect([await epochError(0), await epochError(1), await epochError(2)]).toEqual([
    'FENCED_LEADER_EPOCH',
    'NONE',
    'UNKNOWN_LEADER_EPOCH',
  ]);

  await nodes.stop([2]);
  expect(await partitionOf(last, 't')).toMatchObject({ leaderId: 3, leaderEpoch: 2, isrNodes: [3] });
  expect(await outcome(last, 't')).toBe('NOT_ENOUGH_REPLICAS');
  await nodes.start([2, 1]);
  expect(await partitionOf(last, 't')).toMatchObject({
    ...{ leaderId: 1, isrNodes: [1, 2, 3], offlineReplicas: [] },
  });
  await using again = await running.connect(1);
  expect(await outcome(again, 't')).toBe('NONE');
});

test('without a node in the ISR a partition has no leader until one is back', async () => {
  await using running = await startNodes();
  await using client = await running.connect(1);
  const assignments = [{ partitionIndex: 0, brokerIds: [2, 3] }];
  const topics = [{ name: 't', numPartitions: -1, replicationFactor: -1, assignments, configs: [] }];
  await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  await running.broker.nodes.stop([2, 3]);
  expect(await partitionOf(client, 't')).toMatchObject({ errorCode: 5, leaderId: -1, isrNodes: [3] });
  // It was not in the ISR at the end.
  await running.broker.nodes.start([2]);
  expect(await partitionOf(client, 't')).toMatchObject({ errorCode: 5, leaderId: -1, isrNodes: [3] });
  await running.broker.nodes.start([3]);
  expect(await partitionOf(client, 't')).toMatchObject({ errorCode: 0, leaderId: 2, isrNodes: [2, 3] });
});

test('a fetch of version 10 that waits at the old leader is sent on at once', async () => {
  await using running = await startNodes();
  await using client = await running.connect(2);
  await using first = await running.connect(1);
  await makeTopic(client, 't', 1);
  await running.broker.nodes.stop([1]);
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1024 }];
  const body = { maxWaitMs: 60_000, minBytes: 1, topics: [{ topic: 't', partitions }] };
  const waiting = client.ask(fetch, 10, body);
  await first.closed;
  await running.broker.nodes.start([1]);
  expect((await waiting).responses[0]!.partitions).toMatchObject([{ errorCode: 6 }]);
});

test('epochs outlive a restart, and rise when other nodes are there', async () => {
  const dataDir = temporaryDirectory();
  const epochAt = async ({ connect }: RunningNodes, node: number) => {
    await using client = await connect(node);
    const { leaderId, leaderEpoch, replicaNodes } = await partitionOf(client, 't');
    return { leaderId, leaderEpoch, replicaNodes };
  };
  {
    await using running = await startNodes({ dataDir });
    await using client = await running.connect(2);
    await makeTopic(client, 't', 1);
    await running.broker.nodes.stop([1]);
    expect(await outcome(client, 't')).toBe('NONE');
    expect(await epochAt(running, 2)).toEqual({ leaderId: 2, leaderEpoch: 1, replicaNodes: [1, 2, 3] });
  }
  {
    await using running = await startNodes({ dataDir });
    expect(await epochAt(running, 2)).toEqual({ leaderId: 1, leaderEpoch: 2, replicaNodes: [1, 2, 3] });
  }
  const listeners = [{ name: 'local', nodeId: 2, host: '127.0.0.1', port: 0 }];
  const alone = { dataDir, nodeId: 2, listeners };
  for (const _ of [1, 2]) {
    await using running = await startNodes(alone);
    await using client = await running.connect(1);
    expect(await partitionOf(client, 't')).toMatchObject({ leaderId: 2, leaderEpoch: 3, replicaNodes: [2] });
  }
});

test('a node that there is none of is refused; stopping twice changes nothing; a port that is taken is told', async () => {
  await using running = await startNodes();
  const { nodes } = running.broker;
  await expect(nodes.stop([4])).rejects.toMatchObject({
    code: 'DDS_USAGE',
    message: 'there is no node 4; there are 1, 2, 3',
  });
  const states = async (change: Promise<{ state: string }[]>) => (await change).map(({ state }) => state);
  expect(await states(nodes.stop([2]))).toEqual(['serving', 'stopped', 'serving']);
  expect(await states(nodes.stop([2]))).toEqual(['serving', 'stopped', 'serving']);
  const port = at(running.brokers[1]!).port;
  await using other = await startNodes({ listeners: [{ name: 'local', host: '127.0.0.1', port }] });
  await expect(nodes.start([2])).rejects.toMatchObject({ code: 'DDS_PORT_TAKEN' });
  expect(nodes.list()[1]!.state).toBe('stopped');
  await other.broker.stop();
  expect(await states(nodes.start([2]))).toEqual(['serving', 'serving', 'serving']);
});

test('leaders are elected: the preferred one, or where there is none one out of the ISR', async () => {
  await using running = await startNodes({ config: { 'auto.leader.rebalance.enable': 'false' } });
  const { nodes } = running.broker;
  await using client = await running.connect(1);
  const assignments = [[2, 1], [1], [2, 3]].map((brokerIds, partitionIndex) => ({
    partitionIndex,
    brokerIds,
  }));
  for (const [i, assignment] of assignments.entries()) {
    const topics = [
      {
        ...{ name: `t${i}`, numPartitions: -1, replicationFactor: -1, configs: [] },
        assignments: [{ ...assignment, partitionIndex: 0 }],
      },
    ];
    await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  }
  const elect = async (electionType: number, topic: string | null, version = 2) => {
    const topicPartitions = topic === null ? null : [{ topic, partitions: [0] }];
    const answer = await client.ask(electLeaders, version, { electionType, topicPartitions });
    return answer.replicaElectionResults.map((result) => [
      result.topic,
      ...result.partitionResult.map(({ errorCode }) => kafkaErrorName(errorCode)),
    ]);
  };
  expect(await elect(0, 't0')).toEqual([['t0', 'ELECTION_NOT_NEEDED']]);
  expect(await elect(0, 'none')).toEqual([['none', 'UNKNOWN_TOPIC_OR_PARTITION']]);
  await nodes.stop([2]);
  expect(await elect(0, 't0')).toEqual([['t0', 'PREFERRED_LEADER_NOT_AVAILABLE']]);
  await nodes.start([2]);
  expect(await partitionOf(client, 't0')).toMatchObject({ leaderId: 1, isrNodes: [2, 1] });
  expect(await elect(0, null, 0)).toEqual([
    ['t0', 'NONE'],
    ['t2', 'NONE'],
  ]);
  expect(await partitionOf(client, 't0')).toMatchObject({ leaderId: 2, leaderEpoch: 2 });
  await nodes.stop([2, 3]);
  expect(await elect(1, 't2')).toEqual([['t2', 'ELIGIBLE_LEADERS_NOT_AVAILABLE']]);
  await nodes.start([2]);
  expect(await partitionOf(client, 't2')).toMatchObject({ leaderId: -1, isrNodes: [3] });
  expect(await elect(1, 't2')).toEqual([['t2', 'NONE']]);
  expect(await partitionOf(client, 't2')).toMatchObject({ leaderId: 2, isrNodes: [2] });
  expect(await client.ask(electLeaders, 2, { electionType: 7, topicPartitions: null })).toMatchObject({
    errorCode: 42,
  });
});

test('partitions are given other replicas, at once and for good', async () => {
  const dataDir = temporaryDirectory();
  {
    await using running = await startNodes({ dataDir });
    await using client = await running.connect(1);
    await makeTopic(client, 't', 1);
    const reassign = async (
      replicas: number[] | null,
      allowReplicationFactorChange = true,
      partitionIndex = 0,
    ) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex, replicas }] }];
      const answer = await client.ask(alterPartitionReassignments, 1, {
        topics,
        allowReplicationFactorChange,
      });
      return kafkaErrorName(answer.responses[0]!.partitions[0]!.errorCode);
    };
    expect(await reassign([2, 1])).toBe('NONE');
    expect(await partitionOf(client, 't')).toMatchObject({ leaderId: 1, leaderEpoch: 0, isrNodes: [2, 1] });
    expect(await reassign([3, 2])).toBe('NONE');
    expect(await partitionOf(client, 't')).toMatchObject({ leaderId: 3, leaderEpoch: 1, isrNodes: [3, 2] });
    expect(await reassign([3], false)).toBe('INVALID_REPLICATION_FACTOR');
    expect(await reassign([3, 4])).toBe('INVALID_REPLICA_ASSIGNMENT');
    expect(await reassign([])).toBe('INVALID_REPLICA_ASSIGNMENT');
    expect(await reassign(null)).toBe('NO_REASSIGNMENT_IN_PROGRESS');
    expect(await reassign([1], true, 1)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await client.ask(listPartitionReassignments, 0, { topics: null })).toMatchObject({
      ...{ errorCode: 0, topics: [] },
    });
  }
  await using running = await startNodes({ dataDir });
  await using client = await running.connect(1);
  expect(await partitionOf(client, 't')).toMatchObject({ leaderId: 3, replicaNodes: [3, 2], leaderEpoch: 1 });
});
