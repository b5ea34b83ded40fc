import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import {
  apiVersions,
  createTopics,
  decodeResponse,
  describeCluster,
  encodeRequest,
  fetch,
  findCoordinator,
  kafkaErrorName,
  metadata,
  produce,
} from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';

const withTopic = (client: RawClient) =>
  client.ask(createTopics, 3, {
    topics: [{ name: 't', numPartitions: 1, replicationFactor: 1 }],
    validateOnly: false,
  });

test('each listener tells its own address, in Metadata, FindCoordinator and DescribeCluster', async () => {
  await using running = await startBroker({
    listeners: [
      { name: 'local', host: '127.0.0.1', port: 0 },
      { name: 'wan', host: '127.0.0.1', port: 0, advertisedHost: 'link.example', advertisedPort: 4711 },
    ],
  });
  const { local, wan } = running.broker.ports;
  for (const [port, host, advertised] of [
    [local!, '127.0.0.1', local!],
    [wan!, 'link.example', 4711],
  ] as const) {
    await using client = await RawClient.connect(port);
    const { brokers } = await client.ask(metadata, 9, { topics: null });
    expect(brokers).toMatchObject([{ nodeId: 1, host, port: advertised }]);
    expect(await client.ask(findCoordinator, 2, { key: 'g', keyType: 0, coordinatorKeys: [] })).toMatchObject(
      { host, port: advertised },
    );
    const batch = await client.ask(findCoordinator, 4, { keyType: 0, coordinatorKeys: ['a', 'b'] });
    expect(batch.coordinators).toMatchObject([
      { key: 'a', host, port: advertised },
      { key: 'b', host, port: advertised },
    ]);
    const cluster = await client.ask(describeCluster, 0, { includeClusterAuthorizedOperations: false });
    expect(cluster.brokers).toMatchObject([{ brokerId: 1, host, port: advertised }]);
    expect(cluster.clusterId).toBe(running.broker.info().clusterId);
  }
});

test('a topic is created on Metadata when client and broker allow it', async () => {
  for (const [broker, client, isCreated] of [
    [true, true, true],
    [true, false, false],
    [false, true, false],
  ] as const) {
    await using running = await startBroker({
      config: { 'auto.create.topics.enable': String(broker), 'num.partitions': '3' },
    });
    await using raw = await RawClient.connect(running.broker.ports.local!);
    const { topics } = await raw.ask(metadata, 5, {
      topics: [{ name: 'new' }],
      allowAutoTopicCreation: client,
    });
    expect(kafkaErrorName(topics[0]!.errorCode)).toBe(isCreated ? 'NONE' : 'UNKNOWN_TOPIC_OR_PARTITION');
    expect(topics[0]!.partitions).toHaveLength(isCreated ? 3 : 0);
    const bad = await raw.ask(metadata, 5, { topics: [{ name: 'no good' }] });
    expect(kafkaErrorName(bad.topics[0]!.errorCode)).toBe('INVALID_TOPIC_EXCEPTION');
  }
});

test('ApiVersions in a version from the future is answered in version 0', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const answer = client.frame({ ...apiVersions, maxVersion: 99 }, 99, {
    clientSoftwareName: 'x',
    clientSoftwareVersion: '1',
  });
  const { body } = decodeResponse(apiVersions, 0, await answer);
  expect(kafkaErrorName(body.errorCode)).toBe('UNSUPPORTED_VERSION');
  expect(body.apiKeys.find(({ apiKey }) => apiKey === 18)).toMatchObject({ minVersion: 0, maxVersion: 5 });
  // The same connection goes on.
  expect(
    (await client.ask(apiVersions, 3, { clientSoftwareName: 'raw', clientSoftwareVersion: '1' })).errorCode,
  ).toBe(0);
});

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const framed = (body: Buffer): Buffer => Buffer.concat([int32(body.length), body]);

test.for([
  [
    'an unknown API',
    () => encodeRequest({ ...apiVersions, key: 999 }, 0, { correlationId: 1, clientId: 'x' }, {}),
    'unknown API key 999',
  ],
  [
    'an unknown version',
    () =>
      encodeRequest(
        { ...produce, maxVersion: 99 },
        99,
        { correlationId: 1, clientId: 'x' },
        { acks: 1, timeoutMs: 1, topicData: [] },
      ),
    'Produce version 99',
  ],
  [
    'an old message set',
    () =>
      encodeRequest(
        produce,
        2,
        { correlationId: 1, clientId: 'x' },
        { acks: 1, timeoutMs: 1, topicData: [] },
      ),
    'Produce version 2',
  ],
  ['HTTP', () => [Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')], 'socket.request.max.bytes'],
  ['a negative length', () => [int32(-5)], '-5 bytes'],
  ['a request that is too large', () => [int32(2_000_000)], 'socket.request.max.bytes is 1000000'],
  [
    'a request that is cut off inside',
    () => [framed(Buffer.from([0, 3, 0, 5, 0, 0, 0, 1, 0, 0, 0x7f]))],
    'malformed',
  ],
  [
    'an array that lies about its length',
    () => [framed(Buffer.from([0, 3, 0, 5, 0, 0, 0, 1, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 1]))],
    'malformed',
  ],
] as const)(
  '%s closes that connection, with a reason in the log, and nobody else',
  async ([, bytes, reason]) => {
    const { log, lines } = recordingLogger();
    await using running = await startBroker({ log, config: { 'socket.request.max.bytes': '1000000' } });
    const port = running.broker.ports.local!;
    await using other = await RawClient.connect(port);
    await withTopic(other);
    const waiting = other.fetch('t', 0, 0, { maxWaitMs: 10_000 });
    await using bad = await RawClient.connect(port);
    for (const chunk of bytes()) bad.socket.write(chunk);
    await bad.closed;
    expect(lines.filter(({ level }) => level === 'warn' || level === 'error')).toMatchObject([
      { level: 'warn', message: 'connection closed', fields: { reason: expect.stringContaining(reason) } },
    ]);
    await using next = await RawClient.connect(port);
    expect((await next.produce('t', 0, batchOf([{}]))).errorCode).toBe(0);
    expect((await waiting).records!.length).toBeGreaterThan(0);
  },
);

test('bytes after a request are passed over, as librdkafka leaves some', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const request = Buffer.concat(
    encodeRequest(metadata, 13, { correlationId: 7, clientId: 'x' }, { topics: null }),
  );
  const longer = Buffer.concat([request, Buffer.alloc(3)]);
  longer.writeInt32BE(longer.length - 4, 0);
  client.socket.write(longer);
  const [answer] = (await once(client.socket, 'data')) as [Buffer];
  const { correlationId, body } = decodeResponse(metadata, 13, answer.subarray(4));
  expect(correlationId).toBe(7);
  expect(body.brokers).toHaveLength(1);
});

test('random bytes hurt nobody', async () => {
  await using running = await startBroker({ config: { 'socket.request.max.bytes': '1000000' } });
  const port = running.broker.ports.local!;
  await using client = await RawClient.connect(port);
  await withTopic(client);
  // A fixed sequence (xorshift), so that a failure can be repeated.
  let seed = 20_170_815;
  const random = (): number => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return seed >>> 0;
  };
  for (let i = 0; i < 300; i++) {
    const body = Buffer.from(Array.from({ length: 8 + (random() % 100) }, () => random() & 0xff));
    // A real key and version most of the time: the bytes reach the decoders.
    body.writeInt16BE(random() % 62, 0);
    body.writeInt16BE(random() % 6, 2);
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    socket.end(framed(body));
    socket.resume();
    await once(socket, 'close');
  }
  expect((await client.produce('t', 0, batchOf([{}]))).errorCode).toBe(0);
});

test('a request that arrives byte by byte, and many that arrive at once, are answered in order', async () => {
  await using running = await startBroker();
  await using client = await RawClient.connect(running.broker.ports.local!);
  const slow = client.ask(apiVersions, 2, {});
  expect((await slow).errorCode).toBe(0);
  const bytes = Buffer.concat(
    encodeRequest(metadata, 5, { correlationId: 77, clientId: 'x' }, { topics: [] }),
  );
  await using other = await RawClient.connect(running.broker.ports.local!);
  const answered = once(other.socket, 'data') as Promise<[Buffer]>;
  for (const byte of bytes)
    await new Promise<void>((resolve) => other.socket.write(Buffer.of(byte), () => resolve()));
  expect((await answered)[0].readInt32BE(4)).toBe(77);
  await withTopic(client);
  const answers = await Promise.all(Array.from({ length: 500 }, () => client.produce('t', 0, batchOf([{}]))));
  expect(answers.map(({ baseOffset }) => baseOffset)).toEqual(answers.map((_, i) => i));
});

test('a reader that does not read does not grow the process: its requests wait', async () => {
  await using running = await startBroker();
  const port = running.broker.ports.local!;
  await using client = await RawClient.connect(port);
  await withTopic(client);
  for (let i = 0; i < 20; i++) await client.produce('t', 0, batchOf([{ value: 'x'.repeat(900_000) }]));
  const before = running.broker.info().bytesOut;
  const slow = connect({ port, host: '127.0.0.1' });
  slow.on('error', () => undefined);
  slow.pause();
  await once(slow, 'connect');
  const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 10_000_000 }];
  const request = Buffer.concat(
    encodeRequest(
      fetch,
      11,
      { correlationId: 1, clientId: 'slow' },
      { maxWaitMs: 0, minBytes: 1, topics: [{ topic: 't', partitions }] },
    ),
  );
  for (let i = 0; i < 100; i++) slow.write(request);
  // Others are served meanwhile; of a hundred answers of 9 MB only the first few are made.
  for (let i = 0; i < 50; i++) await client.fetch('t', 0, 20);
  expect(running.broker.info().bytesOut - before).toBeLessThan(40_000_000);
  slow.destroy();
  await once(slow, 'close');
});

test('a thousand connections are held, and closed at once by a stop', async () => {
  const running = await startBroker();
  const port = running.broker.ports.local!;
  const clients = await Promise.all(Array.from({ length: 1000 }, () => RawClient.connect(port)));
  try {
    const answers = await Promise.all(clients.map((client) => client.ask(metadata, 1, { topics: null })));
    expect(answers.every(({ brokers }) => brokers.length === 1)).toBe(true);
    expect(running.broker.info().connections).toBe(1000);
    const startedAt = performance.now();
    await running.broker.stop();
    await Promise.all(clients.map(({ closed }) => closed));
    expect(performance.now() - startedAt).toBeLessThan(2000);
    await running.broker.stop();
  } finally {
    await running[Symbol.asyncDispose]();
    for (const client of clients) client.socket.destroy();
  }
});

test('a port that is taken is told, and nothing is left', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  try {
    const listeners = [
      { name: 'local', host: '127.0.0.1', port: 0 },
      { name: 'wan', host: '127.0.0.1', port },
    ];
    await expect(startBroker({ listeners })).rejects.toMatchObject({
      code: 'DDS_PORT_TAKEN',
      message: expect.stringContaining(String(port)),
    });
  } finally {
    server.close();
  }
});

test('a config that does not exist is told', async () => {
  await expect(startBroker({ config: { 'num.partitons': '3' } })).rejects.toMatchObject({
    code: 'DDS_USAGE',
  });
});
