/** @platformatic/kafka: the script of operations. Arguments: brokers, a prefix for names. */
import {
  Admin,
  ConfigResourceTypes,
  Consumer,
  type ConsumerGroupOptions,
  type GroupOptions,
  IncrementalAlterConfigOperationTypes,
  type Message,
  type MessagesStream,
  Producer,
  type ProducerOptions,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka';
import { check, codecs, padding, script } from '../operations.ts';

const { brokers, prefix, op } = script();
const base = { clientId: prefix, bootstrapBrokers: brokers };
const admin = new Admin(base);
const names = ['words', 'codecs', 'times', 'group', 'txn'].map((name) => `${prefix}-${name}`);
const [words, codecTopic, times, grouped, txn] = names as [string, string, string, string, string];
type Texts = Message<string, string, string, string>;

const open = (options: Partial<ProducerOptions<string, string, string, string>> = {}) =>
  new Producer({ ...base, serializers: stringSerializers, autocreateTopics: true, ...options });

async function send(
  topic: string,
  records: { key?: string; value: string; partition?: number; timestamp?: bigint; codec?: string }[],
  options: Partial<ProducerOptions<string, string, string, string>> = {},
): Promise<void> {
  const producer = open(options);
  const messages = records.map(({ codec, ...record }) => ({
    ...{ topic, ...record },
    ...(codec === undefined ? {} : { headers: { codec } }),
  }));
  await producer.send({ messages }).finally(() => producer.close());
}

async function read(
  topic: string,
  enough: (seen: Texts[]) => boolean,
  { offset = 0, committed = true } = {},
): Promise<Texts[]> {
  const consumer = new Consumer({
    ...{ ...base, groupId: `${prefix}-read-${Math.random()}`, deserializers: stringDeserializers },
    ...{ maxWaitTime: 100, isolationLevel: committed ? 1 : 0 },
  });
  const seen: Texts[] = [];
  try {
    const offsets = [{ topic, partition: 0, offset: BigInt(offset) }];
    const stream = await consumer.consume({ topics: [topic], mode: 'manual', offsets, autocommit: false });
    for await (const message of stream) {
      seen.push(message);
      if (enough(seen)) break;
    }
  } finally {
    await consumer.close(true);
  }
  return seen;
}
const count = (wanted: number) => (seen: Texts[]) => seen.length >= wanted;
async function offsetsOf(topic: string, timestamp: bigint): Promise<number> {
  const [listed] = await admin.listOffsets({
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }],
  });
  return Number(listed!.partitions[0]!.offset);
}

await op('metadata', async () => {
  const found = await admin.metadata({ topics: [] });
  check(found.brokers.size >= 1, 'a broker');
  return `${found.brokers.size} broker, cluster ${found.id ? 'named' : 'without a name'}`;
});

await op('topics: create', async () => {
  const partitions = [3, 1, 1, 4, 1];
  const topics = names.map((topic, i) => ({ topic, partitions: partitions[i]!, replicas: 1 }));
  const made = await admin.createTopics({ topics });
  check(made[0]!.partitions === 3, 'three partitions', made[0]);
  const again = await admin.createTopics({ topics: topics.slice(0, 1) }).then(
    () => 'no error',
    () => 'refused',
  );
  check(again === 'refused', 'not created twice');
  return '5 topics; a second time refused';
});

for (const codec of codecs) {
  await op(`produce: ${codec}`, async () => {
    for (const acks of [0, 1, -1]) {
      const records = Array.from({ length: 20 }, (_, i) => ({
        ...{ key: `k${i % 7}`, value: `${codec} ${acks} ${i} ${padding}`, codec },
      }));
      await send(codecTopic, records, { acks, compression: codec });
      if (acks === -1) await send('everyone', records, { acks, compression: codec });
    }
    return 'acks 0, 1, all';
  });
}

await op('produce: idempotent', async () => {
  const producer = open({ idempotent: true });
  for (let i = 0; i < 20; i++)
    await producer.send({
      messages: [
        {
          topic: codecTopic,
          key: `k${i % 7}`,
          value: `idempotent -1 ${i} `,
          headers: { codec: 'none' },
        },
      ],
    });
  await producer.close();
  return '20 records in sequence';
});

await op('consume: from the start', async () => {
  const seen = await read(codecTopic, count(320));
  check(new Set(seen.map(({ value }) => value)).size === 320, '320 different records', seen.length);
  check(
    seen.every(({ offset }, i) => Number(offset) === i),
    'offsets in order',
  );
  check(
    seen.every(({ value, key }) => key === `k${Number(value.split(' ')[2]) % 7}`),
    'keys as sent',
  );
  check(
    seen.every(
      ({ value, headers }) => value.startsWith(headers.get('codec')!) || value.startsWith('idempotent'),
    ),
    'headers as sent',
  );
  return '320 records of five codecs, keys and headers as sent';
});

await op('consume: from an offset', async () => {
  const [first] = await read(codecTopic, count(1), { offset: 13 });
  check(first!.offset === 13n, 'offset 13 first', first!.offset);
  return 'from the middle of a batch';
});

await op('consume: from a time', async () => {
  const begin = Date.now() - 60_000;
  await send(
    times,
    Array.from({ length: 10 }, (_, i) => ({ value: `${i}`, timestamp: BigInt(begin + 1000 * i) })),
  );
  const offset = await offsetsOf(times, BigInt(begin + 4500));
  check(offset === 5, 'offset 5', offset);
  const [first] = await read(times, count(1), { offset });
  check(first!.value === '5', 'the record of that time', first!.value);
  return 'the first record after it';
});

await op('consume: what other clients wrote', async () => {
  const end = await offsetsOf('everyone', -1n);
  for (const { headers, value } of await read('everyone', count(end)))
    check(value.startsWith(headers.get('codec')!), 'as sent', value);
  return `${end} records`;
});

async function member(groupId: string, options: Partial<GroupOptions> | ConsumerGroupOptions) {
  const consumer = new Consumer({
    ...{ ...base, groupId, deserializers: stringDeserializers, maxWaitTime: 100, ...options },
  });
  const seen: string[] = [];
  const stream: MessagesStream<string, string, string, string> = await consumer.consume({
    ...{ topics: [grouped], mode: 'committed', fallbackMode: 'earliest', autocommit: false },
  });
  stream.on('data', (message: Texts) => {
    seen.push(message.value);
    void Promise.resolve(message.commit()).catch(() => undefined);
  });
  stream.on('error', () => undefined);
  const assigned = () =>
    (consumer.assignments ?? []).reduce((sum, { partitions }) => sum + partitions.length, 0);
  return { consumer, seen, assigned };
}
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Two members share, one leaves, a third goes on: yields after each. */
async function* lifeOfAGroup(groupId: string, options: Partial<GroupOptions> | ConsumerGroupOptions) {
  const first = await member(groupId, options);
  await until(() => first.assigned() === 4);
  const second = await member(groupId, options);
  await until(() => first.assigned() === 2 && second.assigned() === 2);
  await until(() => new Set([...first.seen, ...second.seen]).size >= 40);
  yield '4 partitions, then 2 and 2; every record read';
  await second.consumer.close(true);
  await until(() => first.assigned() === 4);
  yield 'the other has all 4';
  await first.consumer.close(true);
  const later = `later ${Math.random()}`;
  await send(grouped, [{ value: later, partition: 2 }]);
  const third = await member(groupId, options);
  await until(() => third.seen.length > 0);
  await third.consumer.close(true);
  check(third.seen.length === 1 && third.seen[0] === later, 'the later record alone', third.seen);
  yield 'reads only what came later';
}

const group = `${prefix}-g`;
const timing = { sessionTimeout: 6000, rebalanceTimeout: 6000, heartbeatInterval: 300 };
const classic = lifeOfAGroup(group, timing);
await op('group: two members', async () => {
  await send(
    grouped,
    Array.from({ length: 40 }, (_, i) => ({ value: `${i}`, partition: i % 4 })),
  );
  return (await classic.next()).value!;
});
await op('group: one leaves', async () => (await classic.next()).value!);
await op('group: goes on from its commit', async () => (await classic.next()).value!);

await op('group: consumer protocol', async () => {
  const told: string[] = [];
  for await (const step of lifeOfAGroup(`${prefix}-g848`, { groupProtocol: 'consumer' })) told.push(step);
  return told.join('; ');
});

// Without the two it says that it is producer 0 of epoch 0; Kafka, too, takes that for one that is fenced.
const nobody = { producerId: -1n, producerEpoch: -1 };
const transactional = (transactionalId: string) =>
  open({ transactionalId, idempotent: true, ...nobody, retries: 3, retryDelay: 50 });
const ten = (what: string) => ({
  messages: Array.from({ length: 10 }, (_, i) => ({ topic: txn, value: `${what} ${i}` })),
});

await op('transaction: committed', async () => {
  const producer = transactional(`${prefix}-t1`);
  const transaction = await producer.beginTransaction();
  await transaction.send(ten('committed'));
  await transaction.commit();
  await producer.close();
  const seen = await read(txn, count(10));
  check(
    seen.every(({ value }) => value.startsWith('committed')),
    'what was committed',
  );
  return '10 records read by read_committed';
});

await op('transaction: aborted', async () => {
  const producer = transactional(`${prefix}-t1`);
  const aborted = await producer.beginTransaction();
  await aborted.send(ten('aborted'));
  await aborted.abort();
  const after = await producer.beginTransaction();
  await after.send({ messages: [{ topic: txn, value: 'committed last' }] });
  await after.commit();
  await producer.close();
  const last = (seen: Texts[]) => seen.some(({ value }) => value === 'committed last');
  const committed = await read(txn, last);
  check(committed.length === 11, '11 records of read_committed', committed.length);
  const all = await read(txn, last, { committed: false });
  check(all.length === 21, '21 records of read_uncommitted', all.length);
  return '10 aborted records hidden from read_committed';
});

await op('transaction: with offsets', async () => {
  const consumer = new Consumer({
    ...{ ...base, groupId: `${prefix}-g2`, deserializers: stringDeserializers, maxWaitTime: 100, ...timing },
  });
  const stream = await consumer.consume({ topics: [grouped], mode: 'earliest', autocommit: false });
  const messages: Texts[] = [];
  for await (const message of stream) {
    if (message.partition === 0) messages.push(message);
    if (messages.length === 9) break;
  }
  const producer = transactional(`${prefix}-t2`);
  for (const [at, end] of [
    [6, 'commit'],
    [8, 'abort'],
  ] as const) {
    const transaction = await producer.beginTransaction();
    await transaction.addConsumer(consumer);
    await transaction.addOffset(messages[at]!);
    await transaction[end]();
  }
  await producer.close();
  await consumer.close(true);
  const [found] = await admin.listConsumerGroupOffsets({ groups: [`${prefix}-g2`] });
  const partition = found!.topics
    .find(({ name }) => name === grouped)
    ?.partitions.find(({ partitionIndex }) => partitionIndex === 0);
  check(Number(partition?.committedOffset) === 7, 'offset 7', found);
  return 'the committed offset is there, the aborted one is not';
});

await op('transaction: fenced', async () => {
  const old = transactional(`${prefix}-t3`);
  const transaction = await old.beginTransaction();
  await transaction.send(ten('fenced'));
  const young = transactional(`${prefix}-t3`);
  const other = await young.beginTransaction();
  await other.send({ messages: [{ topic: txn, value: 'young' }] });
  await other.commit();
  const texts = (error: unknown): string => {
    const { apiId, errors = [], cause } = error as { apiId?: string; errors?: unknown[]; cause?: unknown };
    return [apiId ?? String(error), ...errors.map(texts), ...(cause ? [texts(cause)] : [])].join(' ');
  };
  const told = await transaction.commit().then(() => 'no error', texts);
  await Promise.allSettled([old.close(true), young.close(true)]);
  const name = /[A-Z_]*(FENCED|EPOCH)[A-Z_]*/.exec(told)?.[0];
  check(name !== undefined, 'fenced', told);
  return name;
});

await op('groups: list, describe', async () => {
  check((await admin.listGroups()).has(group), 'the group is listed');
  const active = await member(`${prefix}-g3`, timing);
  await until(() => active.assigned() === 4);
  const described = (await admin.describeGroups({ groups: [`${prefix}-g3`] })).get(`${prefix}-g3`)!;
  await active.consumer.close(true);
  check(
    described.state.toUpperCase() === 'STABLE' && described.members.size === 1,
    'stable, one member',
    described.state,
  );
  const [only] = described.members.values();
  check(only!.assignments?.get(grouped)?.partitions.length === 4, 'its assignment');
  return 'stable, one member, its assignment';
});

await op('groups: alter offsets', async () => {
  const topics = [{ name: grouped, partitionOffsets: [{ partition: 1, offset: 3n }] }];
  await admin.alterConsumerGroupOffsets({ groupId: group, topics });
  const [found] = await admin.listConsumerGroupOffsets({ groups: [group] });
  const partition = found!.topics[0]!.partitions.find(({ partitionIndex }) => partitionIndex === 1);
  check(partition?.committedOffset === 3n, 'offset 3', found);
  return 'set and read back';
});

await op('groups: delete', async () => {
  await admin.deleteGroups({ groups: [group] });
  check(!(await admin.listGroups()).has(group), 'gone');
  return 'gone from the list';
});

await op('configs: describe, alter', async () => {
  const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: words };
  const configOperation = IncrementalAlterConfigOperationTypes.SET;
  const configs = [{ name: 'retention.ms', value: '7200000', configOperation }];
  await admin.incrementalAlterConfigs({ resources: [{ ...resource, configs }] });
  const [described] = await admin.describeConfigs({ resources: [{ ...resource, configurationKeys: null }] });
  const value = described!.configs.find(({ name }) => name === 'retention.ms')?.value;
  check(value === '7200000', 'the new value', value);
  return `${described!.configs.length} configs, one changed`;
});

await op('topics: add partitions', async () => {
  await admin.createPartitions({ topics: [{ name: words, count: 5, assignments: null }] });
  const found = await admin.metadata({ topics: [words], forceUpdate: true });
  check(found.topics.get(words)!.partitionsCount === 5, 'five partitions');
  return '3 to 5';
});

await op('topics: list offsets', async () => {
  const found = [await offsetsOf(codecTopic, -2n), await offsetsOf(codecTopic, -1n)];
  check(found[0] === 0 && found[1] === 320, '0 to 320', found);
  const newest = await offsetsOf(times, -3n);
  check(newest === 9, 'offset 9 is the newest', newest);
  return 'earliest, latest, greatest time';
});

await op('topics: delete records', async () => {
  const topics = [{ name: codecTopic, partitions: [{ partition: 0, offset: 50n }] }];
  await admin.deleteRecords({ topics });
  const found = await offsetsOf(codecTopic, -2n);
  check(found === 50, 'begins at 50', found);
  return 'up to an offset';
});

await op('topics: delete', async () => {
  await admin.deleteTopics({ topics: names });
  const left = (await admin.listTopics()).filter((name) => names.includes(name));
  check(left.length === 0, 'gone', left);
  return 'gone from the list';
});
await admin.close();
// What a failed operation left open must not keep the program.
process.exit();
