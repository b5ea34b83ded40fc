/** The flexible encodings (KIP-482), derived by hand from Kafka's message definitions. */
import { expect, test } from 'vitest';
import {
  apiVersions,
  decodeRequest,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  fetch,
  joinGroup,
  metadata,
  produce,
} from '../../src/runtime/protocol/index.ts';

const hex = (...parts: string[]): string => parts.join('').replaceAll(' ', '');
const bytes = (text: string): Buffer => Buffer.from(text, 'hex');
const header = { correlationId: 7, clientId: 'c' };

test('ApiVersions 3: the request header has tags, the response header never (KIP-511)', () => {
  const request = hex(
    '00000018', // size
    '0012 0003 00000007 0001 63 00', // key, version, correlation id, client id, header tags
    '04 646473', // client software name: compact string "dds"
    '04 302e31', // version "0.1"
    '00', // tags
  );
  const body = { clientSoftwareName: 'dds', clientSoftwareVersion: '0.1' };
  const frame = Buffer.concat(encodeRequest(apiVersions, 3, header, body)).toString('hex');
  expect(frame.slice(8)).toBe(request.slice(8));
  expect(decodeRequest(apiVersions, bytes(request).subarray(4)).body).toMatchObject(body);

  const response = hex(
    '00000007', // correlation id, no header tags
    '0000', // error code
    '02 0003 0000 000c 00', // one API: Metadata 0 to 12, its tags
    '00000000', // throttle time
    '02', // two tagged fields
    '00 08 02 02 66 0001 0002 00', // tag 0, 8 bytes: one supported feature "f" 1 to 2
    '01 08 0000000000000005', // tag 1, 8 bytes: finalized features epoch
  );
  const answer = {
    errorCode: 0,
    apiKeys: [{ apiKey: 3, minVersion: 0, maxVersion: 12 }],
    supportedFeatures: [{ name: 'f', minVersion: 1, maxVersion: 2 }],
    finalizedFeaturesEpoch: 5,
  };
  expect(
    Buffer.concat(encodeResponse(apiVersions, 3, 7, answer))
      .toString('hex')
      .slice(8),
  ).toBe(response);
  expect(decodeResponse(apiVersions, 3, bytes(response)).body).toMatchObject(answer);
});

test('Metadata 12: compact arrays, topic ids, a null name', () => {
  const id = '00112233445566778899aabbccddeeff';
  const request = hex(
    '0003 000c 00000007 0001 63 00',
    '02', // one topic
    `${id} 00 00`, // topic id, null name, tags
    '01 00', // allow auto creation, include topic authorized operations
    '00',
  );
  const body = {
    topics: [{ topicId: '00112233-4455-6677-8899-aabbccddeeff', name: null }],
    allowAutoTopicCreation: true,
    includeTopicAuthorizedOperations: false,
  };
  expect(
    Buffer.concat(encodeRequest(metadata, 12, header, body))
      .toString('hex')
      .slice(8),
  ).toBe(request);
  expect(decodeRequest(metadata, bytes(request)).body).toMatchObject(body);

  const response = hex(
    '00000007 00', // correlation id, header tags
    '00000000', // throttle time
    '02 00000001 02 68 00002384 00 00', // one broker: 1, "h", 9092, null rack, tags
    '02 63', // cluster id "c"
    '00000001', // controller
    '02 0000 02 74', // one topic: error, name "t"
    `${id} 00`, // id, internal
    '02 0000 00000000 00000001 00000005', // one partition: error, index, leader, leader epoch
    '02 00000001 02 00000001 01 00', // replicas [1], isr [1], offline [], tags
    '80000000 00', // authorized operations, tags of the topic
    '00',
  );
  const answer = decodeResponse(metadata, 12, bytes(response)).body;
  expect(answer).toMatchObject({
    brokers: [{ nodeId: 1, host: 'h', port: 9092, rack: null }],
    clusterId: 'c',
    topics: [
      { name: 't', topicId: '00112233-4455-6677-8899-aabbccddeeff', partitions: [{ leaderEpoch: 5 }] },
    ],
  });
  expect(
    Buffer.concat(encodeResponse(metadata, 12, 7, answer))
      .toString('hex')
      .slice(8),
  ).toBe(response);
});

test('Produce 9: records as compact bytes', () => {
  const request = hex(
    '0000 0009 00000007 0001 63 00',
    '00', // null transactional id
    'ffff 00007530', // acks -1, timeout
    '02 02 74', // one topic "t"
    '02 00000003', // one partition: 3
    '04 aabbcc 00', // 3 bytes of records, tags of the partition
    '00 00', // tags of the topic, of the request
  );
  const body = {
    acks: -1,
    timeoutMs: 30000,
    topicData: [{ name: 't', partitionData: [{ index: 3, records: bytes('aabbcc') }] }],
  };
  expect(
    Buffer.concat(encodeRequest(produce, 9, header, body))
      .toString('hex')
      .slice(8),
  ).toBe(request);
  expect(decodeRequest(produce, bytes(request)).body).toMatchObject(body);
});

test('Fetch 12: tagged fields in the partition of the answer, unknown ones skipped', () => {
  const response = hex(
    '00000007 00',
    '00000000 0000 00000000', // throttle, error, session
    '02 02 74', // one topic "t"
    '02 00000000 0000', // one partition: 0, no error
    '000000000000000a 000000000000000a 0000000000000000', // high watermark, last stable, log start
    '00', // null aborted transactions
    'ffffffff', // preferred read replica
    '03 aabb', // records
    '02', // two tagged fields
    '01 09 00000002 00000004 00', // current leader: 2, epoch 4, tags
    '63 02 ffff', // tag 99: not known
    '00 00', // tags of the topic, of the response
  );
  const { body } = decodeResponse(fetch, 12, bytes(response));
  expect(body.responses[0]!.partitions[0]).toMatchObject({
    highWatermark: 10,
    abortedTransactions: null,
    records: bytes('aabb'),
    currentLeader: { leaderId: 2, leaderEpoch: 4 },
    divergingEpoch: { epoch: -1, endOffset: -1 },
  });
  const again = Buffer.concat(
    encodeResponse(fetch, 12, 7, {
      responses: [
        {
          topic: 't',
          partitions: [
            {
              partitionIndex: 0,
              errorCode: 0,
              highWatermark: 10,
              lastStableOffset: 10,
              logStartOffset: 0,
              records: bytes('aabb'),
              currentLeader: { leaderId: 2, leaderEpoch: 4 },
            },
          ],
        },
      ],
    }),
  );
  const withoutUnknown = response.replace('0201090000000200000004006302ffff', '010109000000020000000400');
  expect(again.toString('hex').slice(8)).toBe(withoutUnknown);
});

test('Fetch 18: a session, forgotten partitions, the high watermark that a follower knows', () => {
  const id = '00112233445566778899aabbccddeeff';
  const request = hex(
    '0001 0012 00000007 0001 63 00',
    '000001f4 00000001 00100000 01', // max wait, min bytes, max bytes, read_committed
    '0000002a 00000003', // session 42, epoch 3
    `02 ${id}`, // one topic, by its id
    '02 00000001 ffffffff 0000000000000005', // one partition: 1, leader epoch, offset
    'ffffffff ffffffffffffffff 00001000', // last fetched epoch, log start, max bytes
    '01 01 08 0000000000000004', // one tagged field: the high watermark 4
    '00', // tags of the topic
    `02 ${id} 03 00000002 00000003 00`, // forgotten: partitions 2 and 3 of it
    '01 00', // rack "", tags
  );
  const topicId = '00112233-4455-6677-8899-aabbccddeeff';
  const partition = { partition: 1, fetchOffset: 5, partitionMaxBytes: 4096, highWatermark: 4 };
  const body = {
    ...{ maxWaitMs: 500, minBytes: 1, maxBytes: 1 << 20, isolationLevel: 1, sessionId: 42, sessionEpoch: 3 },
    topics: [{ topicId, partitions: [partition] }],
    forgottenTopicsData: [{ topicId, partitions: [2, 3] }],
  };
  expect(
    Buffer.concat(encodeRequest(fetch, 18, header, body))
      .toString('hex')
      .slice(8),
  ).toBe(request);
  expect(decodeRequest(fetch, bytes(request)).body).toMatchObject(body);
  const untold = { ...body, topics: [{ topicId, partitions: [{ ...partition, highWatermark: 2 ** 63 }] }] };
  expect(Buffer.concat(encodeRequest(fetch, 18, header, untold)).toString('hex')).toContain(
    '00001000 00'.replace(' ', ''),
  );
});

test('JoinGroup 9', () => {
  const request = hex(
    '000b 0009 00000007 0001 63 00',
    '02 67', // group "g"
    '00002710 0000ea60', // session and rebalance timeout
    '01', // member id ""
    '03 6931', // group instance id "i1"
    '09 636f6e73756d6572', // protocol type "consumer"
    '02 06 72616e6765 03 0102 00', // one protocol "range", 2 bytes, tags
    '00', // null reason
    '00',
  );
  const body = {
    groupId: 'g',
    sessionTimeoutMs: 10000,
    rebalanceTimeoutMs: 60000,
    memberId: '',
    groupInstanceId: 'i1',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: bytes('0102') }],
    reason: null,
  };
  expect(
    Buffer.concat(encodeRequest(joinGroup, 9, header, body))
      .toString('hex')
      .slice(8),
  ).toBe(request);
  expect(decodeRequest(joinGroup, bytes(request)).body).toEqual(body);
});
