/** The old encodings, compared byte by byte with those of kafkajs, which nobody here wrote. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import {
  apiVersions,
  BatchBuilder,
  createTopics,
  decodeRequest,
  deleteTopics,
  describeConfigs,
  encodeRequest,
  encodeResponse,
  fetch,
  findCoordinator,
  heartbeat,
  initProducerId,
  joinGroup,
  leaveGroup,
  listOffsets,
  metadata,
  offsetCommit,
  offsetFetch,
  produce,
  RecordWalker,
  syncGroup,
} from '../../src/runtime/protocol/index.ts';

const require = createRequire(import.meta.url);
const kafkajs = (path: string) => require(`kafkajs/src/protocol/${path}`);

// biome-ignore lint/suspicious/noExplicitAny: kafkajs's internals are not typed
type Loose = any;
const header = { correlationId: 77, clientId: 'golden' };

async function bytesOfKafkajs(name: string, version: number, parameters: object): Promise<Buffer> {
  const request = kafkajs(`requests/${name}/v${version}/request.js`)(parameters);
  return (await kafkajs('request.js')({ ...header, request })).buffer;
}

const records = new BatchBuilder();
records.append(Buffer.from('key'), Buffer.from('value'), 1_700_000_000_000, null);
const batch = records.build();

const requests: [string, number, Loose, Loose, Loose][] = [
  ['apiVersions', 2, apiVersions, {}, {}],
  ['metadata', 1, metadata, { topics: ['a'] }, { topics: [{ name: 'a' }] }],
  [
    'metadata',
    6,
    metadata,
    { topics: ['a', 'b'], allowAutoTopicCreation: false },
    {
      topics: [{ name: 'a' }, { name: 'b' }],
      allowAutoTopicCreation: false,
    },
  ],
  [
    'fetch',
    4,
    fetch,
    {
      replicaId: -1,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: 1000,
      isolationLevel: 1,
      topics: [{ topic: 't', partitions: [{ partition: 3, fetchOffset: '12345678901', maxBytes: 100 }] }],
    },
    {
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 1000,
      isolationLevel: 1,
      topics: [
        { topic: 't', partitions: [{ partition: 3, fetchOffset: 12345678901, partitionMaxBytes: 100 }] },
      ],
    },
  ],
  [
    'fetch',
    11,
    fetch,
    {
      replicaId: -1,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: 1000,
      isolationLevel: 0,
      rackId: 'r',
      topics: [
        {
          topic: 't',
          partitions: [{ partition: 3, fetchOffset: '9', maxBytes: 100, currentLeaderEpoch: 2 }],
        },
      ],
      forgottenTopics: [{ topic: 'f', partitions: [1] }],
    },
    {
      maxWaitMs: 500,
      minBytes: 1,
      maxBytes: 1000,
      isolationLevel: 0,
      rackId: 'r',
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topic: 't',
          partitions: [{ partition: 3, fetchOffset: 9, partitionMaxBytes: 100, currentLeaderEpoch: 2 }],
        },
      ],
      forgottenTopicsData: [{ topic: 'f', partitions: [1] }],
    },
  ],
  [
    'listOffsets',
    3,
    listOffsets,
    {
      replicaId: -1,
      isolationLevel: 1,
      topics: [{ topic: 't', partitions: [{ partition: 0, timestamp: -2 }] }],
    },
    { isolationLevel: 1, topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -2 }] }] },
  ],
  [
    'offsetCommit',
    5,
    offsetCommit,
    {
      groupId: 'g',
      groupGenerationId: 4,
      memberId: 'm',
      topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5', metadata: 'meta' }] }],
    },
    {
      groupId: 'g',
      generationIdOrMemberEpoch: 4,
      memberId: 'm',
      topics: [
        { name: 't', partitions: [{ partitionIndex: 0, committedOffset: 5, committedMetadata: 'meta' }] },
      ],
    },
  ],
  [
    'offsetFetch',
    4,
    offsetFetch,
    { groupId: 'g', topics: [{ topic: 't', partitions: [{ partition: 2 }] }] },
    {
      groupId: 'g',
      topics: [{ name: 't', partitionIndexes: [2] }],
    },
  ],
  [
    'findCoordinator',
    2,
    findCoordinator,
    { coordinatorKey: 'g', coordinatorType: 0 },
    { key: 'g', keyType: 0 },
  ],
  [
    'joinGroup',
    5,
    joinGroup,
    {
      groupId: 'g',
      sessionTimeout: 10,
      rebalanceTimeout: 20,
      memberId: '',
      protocolType: 'consumer',
      groupProtocols: [{ name: 'range', metadata: Buffer.from([1, 2]) }],
    },
    {
      groupId: 'g',
      sessionTimeoutMs: 10,
      rebalanceTimeoutMs: 20,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from([1, 2]) }],
    },
  ],
  [
    'heartbeat',
    3,
    heartbeat,
    { groupId: 'g', groupGenerationId: 3, memberId: 'm' },
    {
      groupId: 'g',
      generationId: 3,
      memberId: 'm',
    },
  ],
  [
    'leaveGroup',
    3,
    leaveGroup,
    { groupId: 'g', members: [{ memberId: 'm', groupInstanceId: null }] },
    {
      groupId: 'g',
      members: [{ memberId: 'm' }],
    },
  ],
  [
    'syncGroup',
    3,
    syncGroup,
    {
      groupId: 'g',
      generationId: 1,
      memberId: 'm',
      groupAssignment: [{ memberId: 'm', memberAssignment: Buffer.from('x') }],
    },
    {
      groupId: 'g',
      generationId: 1,
      memberId: 'm',
      assignments: [{ memberId: 'm', assignment: Buffer.from('x') }],
    },
  ],
  [
    'createTopics',
    3,
    createTopics,
    {
      topics: [
        { topic: 't', numPartitions: 3, replicationFactor: 1, configEntries: [{ name: 'a', value: 'b' }] },
      ],
      validateOnly: true,
      timeout: 100,
    },
    {
      topics: [{ name: 't', numPartitions: 3, replicationFactor: 1, configs: [{ name: 'a', value: 'b' }] }],
      validateOnly: true,
      timeoutMs: 100,
    },
  ],
  ['deleteTopics', 1, deleteTopics, { topics: ['t'], timeout: 100 }, { topicNames: ['t'], timeoutMs: 100 }],
  [
    'initProducerId',
    1,
    initProducerId,
    { transactionalId: 'x', transactionTimeout: 9 },
    {
      transactionalId: 'x',
      transactionTimeoutMs: 9,
    },
  ],
  [
    'describeConfigs',
    2,
    describeConfigs,
    {
      resources: [{ type: 2, name: 't', configNames: ['a'] }],
      includeSynonyms: true,
    },
    {
      resources: [{ resourceType: 2, resourceName: 't', configurationKeys: ['a'] }],
      includeSynonyms: true,
    },
  ],
  [
    'produce',
    7,
    produce,
    {
      acks: -1,
      timeout: 30,
      transactionalId: null,
      producerId: -1,
      producerEpoch: -1,
      topicData: [
        {
          topic: 't',
          partitions: [
            {
              partition: 1,
              firstSequence: -1,
              messages: [
                { key: Buffer.from('key'), value: Buffer.from('value'), timestamp: 1_700_000_000_000 },
              ],
            },
          ],
        },
      ],
    },
    {
      acks: -1,
      timeoutMs: 30,
      topicData: [{ name: 't', partitionData: [{ index: 1, records: batch }] }],
    },
  ],
];

test.each(requests)('%s request, version %i', async (name, version, api, theirs, ours) => {
  const golden = await bytesOfKafkajs(name, version, theirs);
  const frame = Buffer.concat(encodeRequest(api, version, header, ours));
  if (name === 'produce') blank(golden, frame);
  expect(frame.toString('hex')).toBe(golden.toString('hex'));
  const { body } = decodeRequest(api, golden.subarray(4));
  expect(Buffer.concat(encodeRequest(api, version, header, body))).toEqual(golden);
});

/** kafkajs writes leader epoch 0 into batches, we -1 (unknown), as Java does; it lies outside the CRC. */
function blank(...frames: Buffer[]): void {
  for (const frame of frames) frame.writeInt32BE(0, frame.length - batch.length + 12);
}

async function decodedByKafkajs(name: string, version: number, frame: Buffer[]): Promise<Loose> {
  return kafkajs(`requests/${name}/v${version}/response.js`).decode(Buffer.concat(frame).subarray(8));
}

test('kafkajs reads our Metadata 6', async () => {
  const frame = encodeResponse(metadata, 6, 1, {
    throttleTimeMs: 3,
    brokers: [{ nodeId: 1, host: 'h', port: 9092 }],
    clusterId: 'c',
    controllerId: 1,
    topics: [
      {
        errorCode: 0,
        name: 't',
        partitions: [
          {
            errorCode: 0,
            partitionIndex: 0,
            leaderId: 1,
            replicaNodes: [1, 2],
            isrNodes: [1],
            offlineReplicas: [2],
          },
        ],
      },
    ],
  });
  expect(await decodedByKafkajs('metadata', 6, frame)).toMatchObject({
    clientSideThrottleTime: 3,
    brokers: [{ nodeId: 1, host: 'h', port: 9092, rack: null }],
    clusterId: 'c',
    controllerId: 1,
    topicMetadata: [
      {
        topic: 't',
        partitionMetadata: [{ partitionId: 0, leader: 1, replicas: [1, 2], isr: [1], offlineReplicas: [2] }],
      },
    ],
  });
});

test('kafkajs reads our Fetch 11 and the records in it, none and gzip', async () => {
  for (const compression of ['none', 'gzip'] as const) {
    const builder = new BatchBuilder();
    builder.append(Buffer.from('k'), Buffer.from('v'), 1000, [{ key: 'h', value: Buffer.from('x') }]);
    builder.append(null, Buffer.from('w'.repeat(500)), 1_700_000_000_001, null);
    const frame = encodeResponse(fetch, 11, 1, {
      responses: [
        {
          topic: 't',
          partitions: [
            {
              partitionIndex: 0,
              errorCode: 0,
              highWatermark: 12,
              lastStableOffset: 12,
              records: builder.build({ compression, baseOffset: 10 }),
            },
          ],
        },
      ],
    });
    const { responses } = await decodedByKafkajs('fetch', 11, frame);
    const [first, second] = responses[0].partitions[0].messages;
    expect([
      first.offset,
      first.timestamp,
      String(first.key),
      String(first.value),
      String(first.headers.h),
    ]).toEqual(['10', '1000', 'k', 'v', 'x']);
    expect([second.offset, second.timestamp, second.key]).toEqual(['11', '1700000000001', null]);
  }
});

test('kafkajs reads our JoinGroup 5 and ApiVersions 2', async () => {
  const joined = encodeResponse(joinGroup, 5, 1, {
    errorCode: 0,
    generationId: 4,
    protocolName: 'range',
    leader: 'm1',
    memberId: 'm1',
    members: [{ memberId: 'm1', metadata: Buffer.from('meta') }],
  });
  expect(await decodedByKafkajs('joinGroup', 5, joined)).toMatchObject({
    generationId: 4,
    groupProtocol: 'range',
    members: [{ memberId: 'm1', groupInstanceId: null, memberMetadata: Buffer.from('meta') }],
  });
  const versions = encodeResponse(apiVersions, 2, 1, {
    errorCode: 0,
    apiKeys: [{ apiKey: 3, minVersion: 0, maxVersion: 12 }],
  });
  expect(await decodedByKafkajs('apiVersions', 2, versions)).toMatchObject({
    apiVersions: [{ apiKey: 3, minVersion: 0, maxVersion: 12 }],
  });
});

test('we read the batches of kafkajs', async () => {
  const { RecordBatch } = kafkajs('recordBatch/v0/index.js');
  const record = kafkajs('recordBatch/record/v0/index.js');
  const encoded = await RecordBatch({
    compression: 1,
    firstTimestamp: 5000,
    maxTimestamp: 6000,
    partitionLeaderEpoch: 0,
    lastOffsetDelta: 1,
    records: [
      record({ offsetDelta: 0, timestampDelta: 0, key: 'a', value: 'b', headers: { h: 'i' } }),
      record({ offsetDelta: 1, timestampDelta: 1000, key: null, value: null }),
    ],
  });
  const walker = new RecordWalker(encoded.buffer);
  expect(walker.next()).toBe(true);
  expect([
    walker.offset,
    walker.timestamp,
    String(walker.key()),
    String(walker.value()),
    String(walker.header('h')),
  ]).toEqual([0, 5000, 'a', 'b', 'i']);
  expect(walker.next()).toBe(true);
  expect([walker.offset, walker.timestamp, walker.key(), walker.value()]).toEqual([1, 6000, null, null]);
  expect(walker.next()).toBe(false);
});
