/** kafkajs: the script of operations. Arguments: brokers, a prefix for names. */
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs, { type Consumer, type EachMessagePayload, type IMemberAssignment } from 'kafkajs';
import lz4 from 'lz4-napi';
import snappy from 'snappy';
import { check, codecs, padding, script } from '../operations.ts';

const { AssignerProtocol, CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
const { brokers, prefix, op, lacks } = script();
const kafka = new Kafka({ brokers, clientId: prefix, logLevel: logLevel.NOTHING });
const admin = kafka.admin();

// kafkajs has gzip alone; the others are plugged in, as its documentation says.
const plug = (shrink: (data: Buffer) => Buffer, grow: (data: Buffer) => Buffer) => () => ({
  compress: async ({ buffer }: { buffer: Buffer }) => shrink(buffer),
  decompress: async (buffer: Buffer) => grow(buffer),
});
const xerial = Buffer.from('82534e4150505900', 'hex');
function openXerial(data: Buffer): Buffer {
  if (!data.subarray(0, 8).equals(xerial)) return snappy.uncompressSync(data) as Buffer;
  const blocks: Buffer[] = [];
  for (let at = 16; at < data.length; at += 4 + data.readUInt32BE(at))
    blocks.push(snappy.uncompressSync(data.subarray(at + 4, at + 4 + data.readUInt32BE(at))) as Buffer);
  return Buffer.concat(blocks);
}
CompressionCodecs[CompressionTypes.Snappy] = plug((data) => snappy.compressSync(data), openXerial);
CompressionCodecs[CompressionTypes.LZ4] = plug(lz4.compressFrameSync, lz4.decompressFrameSync);
CompressionCodecs[CompressionTypes.ZSTD] = plug(zstdCompressSync, zstdDecompressSync);
const types = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

const names = ['words', 'codecs', 'times', 'group', 'txn'].map((name) => `${prefix}-${name}`);
const [words, codecTopic, times, grouped, txn] = names as [string, string, string, string, string];

interface Seen {
  partition: number;
  offset: number;
  key: string;
  value: string;
  header: string;
}

/** Reads a topic from where `offset` says (else the start) until `enough`. */
async function read(
  topic: string,
  enough: (seen: Seen[]) => boolean,
  { offset, committed = true, quiet }: { offset?: number; committed?: boolean; quiet?: number } = {},
): Promise<Seen[]> {
  const consumer = kafka.consumer({
    groupId: `${prefix}-read-${Math.random()}`,
    maxWaitTimeInMs: 100,
    readUncommitted: !committed,
  });
  const seen: Seen[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve) => {
      const each = async ({ partition, message }: EachMessagePayload) => {
        seen.push({
          ...{ partition, offset: Number(message.offset), key: String(message.key) },
          ...{ value: String(message.value), header: String(message.headers?.codec) },
        });
        if (enough(seen)) resolve();
      };
      void consumer.run({ autoCommit: false, eachMessage: each });
      if (offset !== undefined) consumer.seek({ topic, partition: 0, offset: String(offset) });
      if (quiet) setTimeout(resolve, quiet);
    });
  } finally {
    await consumer.disconnect();
  }
  return seen;
}
const count = (wanted: number) => (seen: Seen[]) => seen.length >= wanted;
const endOf = async (topic: string) => Number((await admin.fetchTopicOffsets(topic))[0]!.high);

await op('metadata', async () => {
  await admin.connect();
  const { brokers: nodes, clusterId } = await admin.describeCluster();
  check(nodes.length >= 1, 'a broker', nodes);
  return `${nodes.length} broker, cluster ${clusterId ? 'named' : 'without a name'}`;
});

await op('topics: create', async () => {
  const partitions = [3, 1, 1, 4, 1];
  const topics = names.map((topic, i) => ({ topic, numPartitions: partitions[i]! }));
  check(await admin.createTopics({ topics }), 'created');
  check(!(await admin.createTopics({ topics })), 'not created twice');
  const { topics: described } = await admin.fetchTopicMetadata({ topics: [words] });
  check(described[0]!.partitions.length === 3, 'three partitions', described);
  return '5 topics; a second time refused';
});

for (const codec of codecs) {
  await op(`produce: ${codec}`, async () => {
    const producer = kafka.producer();
    await producer.connect();
    for (const acks of [0, 1, -1]) {
      const messages = Array.from({ length: 20 }, (_, i) => ({
        ...{ key: `k${i % 7}`, value: `${codec} ${acks} ${i} ${padding}`, headers: { codec } },
      }));
      await producer.send({ topic: codecTopic, acks, compression: types[codec], messages });
      if (acks === -1) await producer.send({ topic: 'everyone', acks, compression: types[codec], messages });
    }
    await producer.disconnect();
    return 'acks 0, 1, all';
  });
}

await op('produce: idempotent', async () => {
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  for (let i = 0; i < 20; i++)
    await producer.send({
      topic: codecTopic,
      messages: [{ key: `k${i % 7}`, value: `idempotent -1 ${i} `, headers: { codec: 'none' } }],
    });
  await producer.disconnect();
  return '20 records in sequence';
});

await op('consume: from the start', async () => {
  const seen = await read(codecTopic, count(320));
  check(new Set(seen.map(({ value }) => value)).size === 320, '320 different records', seen.length);
  check(
    seen.every(({ offset }, i) => offset === i),
    'offsets in order',
  );
  check(
    seen.every(({ value, key }) => key === `k${Number(value.split(' ')[2]) % 7}`),
    'keys as sent',
  );
  check(
    seen.every(({ value, header }) => value.startsWith(header) || value.startsWith('idempotent')),
    'headers as sent',
  );
  return '320 records of five codecs, keys and headers as sent';
});

await op('consume: from an offset', async () => {
  const seen = await read(codecTopic, count(1), { offset: 13 });
  check(seen[0]!.offset === 13, 'offset 13 first', seen[0]);
  return 'from the middle of a batch';
});

await op('consume: from a time', async () => {
  const begin = Date.now() - 60_000;
  const messages = Array.from({ length: 10 }, (_, i) => ({
    value: `${i}`,
    timestamp: String(begin + 1000 * i),
  }));
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: times, messages });
  await producer.disconnect();
  const [found] = await admin.fetchTopicOffsetsByTimestamp(times, begin + 4500);
  check(Number(found!.offset) === 5, 'offset 5', found);
  const [first] = await read(times, count(1), { offset: Number(found!.offset) });
  check(first!.value === '5', 'the record of that time', first);
  return 'the first record after it';
});

await op('consume: what other clients wrote', async () => {
  const end = await endOf('everyone');
  const seen = await read('everyone', count(end));
  check(
    seen.every(({ header, value }) => value.startsWith(header)),
    'as sent',
  );
  return `${end} records`;
});

/** A member of a group: what is assigned to it, and what it reads. */
async function member(groupId: string, topic = grouped) {
  const consumer: Consumer = kafka.consumer({
    groupId,
    ...{ rebalanceTimeout: 5000, heartbeatInterval: 300, maxWaitTimeInMs: 100 },
  });
  const state = { assigned: -1, seen: [] as string[], consumer };
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    const assignment = payload.memberAssignment as IMemberAssignment;
    state.assigned = (assignment[topic] ?? []).length;
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => void state.seen.push(String(message.value)),
  });
  return state;
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const group = `${prefix}-g`;
let first: Awaited<ReturnType<typeof member>>;
let second: typeof first;
await op('group: two members', async () => {
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: 40 }, (_, i) => ({ partition: i % 4, value: `${i}` }));
  await producer.send({ topic: grouped, messages });
  await producer.disconnect();
  first = await member(group);
  await until(() => first.assigned === 4);
  second = await member(group);
  await until(() => first.assigned === 2 && second.assigned === 2);
  await until(() => new Set([...first.seen, ...second.seen]).size === 40);
  return '4 partitions, then 2 and 2; every record read';
});

await op('group: one leaves', async () => {
  await second.consumer.disconnect();
  await until(() => first.assigned === 4);
  return 'the other has all 4';
});

await op('group: goes on from its commit', async () => {
  await first.consumer.disconnect();
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: grouped, messages: [{ partition: 2, value: 'later' }] });
  await producer.disconnect();
  const third = await member(group);
  await until(() => third.seen.length > 0);
  await third.consumer.disconnect();
  check(third.seen.length === 1 && third.seen[0] === 'later', 'the later record alone', third.seen);
  return 'reads only what came later';
});

lacks('group: consumer protocol', 'classic groups only');

const transactional = async (transactionalId: string) => {
  const producer = kafka.producer({ transactionalId, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  return producer;
};
const ten = (what: string) => Array.from({ length: 10 }, (_, i) => ({ value: `${what} ${i}` }));

await op('transaction: committed', async () => {
  const producer = await transactional(`${prefix}-t1`);
  const transaction = await producer.transaction();
  await transaction.send({ topic: txn, messages: ten('committed') });
  await transaction.commit();
  await producer.disconnect();
  const seen = await read(txn, count(10));
  check(
    seen.every(({ value }) => value.startsWith('committed')),
    'what was committed',
    seen,
  );
  return '10 records read by read_committed';
});

await op('transaction: aborted', async () => {
  const producer = await transactional(`${prefix}-t1`);
  const aborted = await producer.transaction();
  await aborted.send({ topic: txn, messages: ten('aborted') });
  await aborted.abort();
  const after = await producer.transaction();
  await after.send({ topic: txn, messages: [{ value: 'committed last' }] });
  await after.commit();
  await producer.disconnect();
  const last = (seen: Seen[]) => seen.some(({ value }) => value === 'committed last');
  const committed = await read(txn, last);
  check(committed.length === 11, '11 records of read_committed', committed.length);
  const all = await read(txn, last, { committed: false });
  check(all.length === 21, '21 records of read_uncommitted', all.length);
  return '10 aborted records hidden from read_committed';
});

await op('transaction: with offsets', async () => {
  const producer = await transactional(`${prefix}-t2`);
  const consumerGroupId = `${prefix}-g2`;
  const offsets = (offset: string) => [{ topic: words, partitions: [{ partition: 0, offset }] }];
  const committed = await producer.transaction();
  await committed.sendOffsets({ consumerGroupId, topics: offsets('7') });
  await committed.commit();
  const aborted = await producer.transaction();
  await aborted.sendOffsets({ consumerGroupId, topics: offsets('9') });
  await aborted.abort();
  await producer.disconnect();
  const [topic] = await admin.fetchOffsets({ groupId: consumerGroupId, topics: [words] });
  const found = topic!.partitions.find(({ partition }) => partition === 0)!.offset;
  check(found === '7', 'offset 7', topic);
  return 'the committed offset is there, the aborted one is not';
});

await op('transaction: fenced', async () => {
  const old = await transactional(`${prefix}-t3`);
  const transaction = await old.transaction();
  await transaction.send({ topic: txn, messages: ten('fenced') });
  const young = await transactional(`${prefix}-t3`);
  await (await young.transaction()).abort();
  const type = await transaction.commit().then(
    () => 'no error',
    (error) => (error as { type: string }).type,
  );
  await Promise.allSettled([old.disconnect(), young.disconnect()]);
  check(/FENCED|EPOCH/.test(type), 'fenced', type);
  return type;
});

await op('groups: list, describe', async () => {
  const { groups } = await admin.listGroups();
  check(
    groups.some(({ groupId }) => groupId === group),
    'the group is listed',
  );
  const active = await member(`${prefix}-g3`);
  await until(() => active.assigned === 4);
  const described = (await admin.describeGroups([`${prefix}-g3`])).groups[0]!;
  await active.consumer.disconnect();
  check(described.state === 'Stable' && described.members.length === 1, 'stable, a member', described.state);
  const { assignment } = AssignerProtocol.MemberAssignment.decode(described.members[0]!.memberAssignment)!;
  check(assignment[grouped]!.length === 4, 'its assignment', assignment);
  return 'stable, one member, its assignment';
});

await op('groups: alter offsets', async () => {
  await admin.setOffsets({ groupId: group, topic: grouped, partitions: [{ partition: 1, offset: '3' }] });
  const [topic] = await admin.fetchOffsets({ groupId: group, topics: [grouped] });
  const found = topic!.partitions.find(({ partition }) => partition === 1)!.offset;
  check(found === '3', 'offset 3', topic);
  return 'set and read back';
});

await op('groups: delete', async () => {
  await admin.deleteGroups([group]);
  const { groups } = await admin.listGroups();
  check(!groups.some(({ groupId }) => groupId === group), 'gone');
  return 'gone from the list';
});

await op('configs: describe, alter', async () => {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: words };
  const configEntries = [{ name: 'retention.ms', value: '7200000' }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const entries = resources[0]!.configEntries;
  const value = entries.find(({ configName }) => configName === 'retention.ms')?.configValue;
  check(value === '7200000', 'the new value', value);
  return `${entries.length} configs, one changed`;
});

await op('topics: add partitions', async () => {
  await admin.createPartitions({ topicPartitions: [{ topic: words, count: 5 }] });
  const { topics } = await admin.fetchTopicMetadata({ topics: [words] });
  check(topics[0]!.partitions.length === 5, 'five partitions', topics);
  return '3 to 5';
});

await op('topics: list offsets', async () => {
  const [only] = await admin.fetchTopicOffsets(codecTopic);
  check(only!.low === '0' && only!.high === '320', '0 to 320', only);
  return 'earliest and latest';
});

await op('topics: delete records', async () => {
  await admin.deleteTopicRecords({ topic: codecTopic, partitions: [{ partition: 0, offset: '50' }] });
  const [only] = await admin.fetchTopicOffsets(codecTopic);
  check(only!.low === '50', 'begins at 50', only);
  return 'up to an offset';
});

await op('topics: delete', async () => {
  await admin.deleteTopics({ topics: names });
  const left = (await admin.listTopics()).filter((name) => names.includes(name));
  check(left.length === 0, 'gone', left);
  return 'gone from the list';
});
await admin.disconnect();
