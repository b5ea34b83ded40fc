import { Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka';
import { execa } from 'execa';
import { Kafka as Kafkajs, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../src/runtime/kafka/index.ts';
import { followGroup, numberedProducer, Seen, timesOfNumbers } from '../support/failover.ts';
import { eventually } from '../support/lab.ts';
import { type RunningNodes, startNodes } from '../support/nodes.ts';
import { countOf, RelayLab, readAll } from '../support/relay-lab.ts';

const ports = (addresses: readonly string[]) => addresses.map((address) => Number(address.split(':')[1]));
const numbers = (count: number) => Array.from({ length: count }, (_, i) => `${i}`);

async function kafkaOf(
  { brokers }: Pick<RunningNodes, 'brokers'>,
  topic: string,
  partitions = 6,
): Promise<Kafka & AsyncDisposable> {
  const kafka = createKafka({ brokers, clientId: 'test' });
  await kafka.admin().createTopics([{ name: topic, partitions }]);
  return { ...kafka, [Symbol.asyncDispose]: () => kafka.close() };
}

/** Each node is stopped and started again; `goesOn` resolves when the clients have done something since. */
async function oneAfterTheOther(
  { broker: { nodes } }: RunningNodes,
  goesOn: (what: string) => Promise<unknown>,
): Promise<void> {
  for (const node of [1, 2, 3]) {
    await nodes.stop([node]);
    await goesOn(`without node ${node}`);
    await nodes.start([node]);
    await goesOn(`with node ${node} again`);
  }
}

test('2,000/s with acks all: nothing is lost or doubled while the nodes stop and start, and a group reads on', async () => {
  const [topic, perSecond, partitions] = ['readings', 2000, 6];
  await using running = await startNodes();
  await using kafka = await kafkaOf(running, topic, partitions);
  await using reading = await kafkaOf(running, topic);
  const stop = new AbortController();
  const delivered = new Seen();
  const following = followGroup(reading, topic, delivered, stop.signal);
  following.catch(() => undefined);
  const producer = await numberedProducer(kafka, topic, { partitions, perSecond });
  try {
    await oneAfterTheOther(running, async (what) => {
      const { sent } = producer;
      await eventually(what, () => producer.acked.size >= sent + perSecond / 2, 30_000);
      await eventually(`${what}: the group`, () => delivered.times.has(sent), 30_000);
    });
  } finally {
    await producer.finish();
  }
  expect(producer.failures).toEqual([]);
  expect(producer.acked.size).toBe(producer.sent);
  const stored = await timesOfNumbers(kafka, topic);
  expect(stored.size).toBe(producer.sent);
  expect([...stored.values()].filter((times) => times !== 1)).toEqual([]);
  await eventually('the group has all', () => delivered.times.size === producer.sent, 30_000);
  stop.abort();
  await following;
}, 120_000);

test('a question that a node cuts off is put to another one, once', async () => {
  await using running = await startNodes();
  await using kafka = await kafkaOf(running, 't');
  const { faults } = running.broker;
  const cut = { api: 'Metadata', action: { kind: 'drop', when: 'request' } } as const;
  faults.add({ ...cut, times: 1 });
  expect((await kafka.admin().describeTopics(['t']))[0]!.partitions).toHaveLength(6);
  faults.add(cut);
  await expect(kafka.admin().describeTopics(['t'])).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
});

test('kafkajs sees three brokers; an idempotent producer and a group go on over stopped nodes', async () => {
  await using running = await startNodes();
  await using _ = await kafkaOf(running, 't');
  const client = new Kafkajs({
    brokers: running.brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 20 },
  });
  const admin = client.admin();
  const producer = client.producer({ idempotent: true });
  const consumer = client.consumer({ groupId: 'g', sessionTimeout: 6000, heartbeatInterval: 200 });
  const seen = new Set<string>();
  let sent = 0;
  const send = () => producer.send({ topic: 't', acks: -1, messages: [{ value: `${sent++}` }] });
  try {
    await Promise.all([admin.connect(), producer.connect(), consumer.connect()]);
    expect((await admin.describeCluster()).brokers.map(({ port }) => port)).toEqual(ports(running.brokers));
    const { topics } = await admin.fetchTopicMetadata({ topics: ['t'] });
    expect(topics[0]!.partitions.map(({ leader }) => leader).sort()).toEqual([1, 1, 2, 2, 3, 3]);
    await consumer.subscribe({ topic: 't', fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        seen.add(String(message.value));
      },
    });
    await oneAfterTheOther(running, async (what) => {
      for (let i = 0; i < 12; i++) await send();
      await eventually(what, () => seen.size === sent, 30_000);
    });
    expect((await admin.describeGroups(['g'])).groups).toMatchObject([{ groupId: 'g', state: 'Stable' }]);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toEqual(['g']);
  } finally {
    await Promise.all([admin.disconnect(), producer.disconnect(), consumer.disconnect()]);
  }
}, 120_000);

test('@platformatic/kafka sees three brokers, and goes on over stopped nodes', async () => {
  await using running = await startNodes();
  await using _ = await kafkaOf(running, 't');
  const common = { clientId: 'test', bootstrapBrokers: running.brokers, retries: 20, retryDelay: 100 };
  const producer = new Producer({ ...common, serializers: stringSerializers });
  const consumer = new Consumer({
    ...common,
    ...{ groupId: 'g', deserializers: stringDeserializers, maxWaitTime: 50 },
  });
  const seen = new Set<string>();
  let sent = 0;
  try {
    const { brokers } = await producer.metadata({ topics: ['t'] });
    expect([...brokers.values()].map(({ port }) => port).sort()).toEqual(ports(running.brokers).sort());
    const stream = await consumer.consume({ topics: ['t'], mode: 'earliest', autocommit: true });
    stream.on('data', (message) => seen.add(message.value));
    await oneAfterTheOther(running, async (what) => {
      for (let i = 0; i < 12; i++, sent++)
        await producer.send({ messages: [{ topic: 't', key: `${sent}`, value: `${sent}` }], acks: -1 });
      await eventually(what, () => seen.size === sent, 30_000);
    });
  } finally {
    await consumer.close(true);
    await producer.close();
  }
}, 120_000);

test('kcat sees three brokers and writes to what each of them leads', async (context) => {
  if ((await execa('kcat', ['-V'], { reject: false })).exitCode !== 0) {
    process.stderr.write('kcat is not installed: its test is skipped\n');
    return context.skip();
  }
  await using running = await startNodes();
  await using _ = await kafkaOf(running, 't', 3);
  const at = running.wanBrokers.slice(1, 2);
  const kcat = async (args: string[], input = '') =>
    (await execa('kcat', ['-b', at.join(','), ...args], { input, timeout: 20_000 })).stdout;
  const listed = JSON.parse(await kcat(['-L', '-J'])) as {
    brokers: { id: number; name: string }[];
    topics: { topic: string; partitions: { leader: number; replicas: { id: number }[] }[] }[];
  };
  expect(listed.brokers).toEqual(running.wanBrokers.map((name, i) => ({ id: i + 1, name })));
  const { partitions } = listed.topics.find(({ topic }) => topic === 't')!;
  expect(partitions.map(({ leader }) => leader).sort()).toEqual([1, 2, 3]);
  expect(partitions[0]!.replicas).toHaveLength(3);
  for (const partition of ['0', '1', '2'])
    await kcat(['-P', '-t', 't', '-p', partition, '-X', 'acks=all', '-X', 'enable.idempotence=true'], 'v\n');
  expect((await kcat(['-C', '-t', 't', '-e', '-q', '-f', '%p %s\n'])).split('\n').sort()).toEqual([
    '0 v',
    '1 v',
    '2 v',
  ]);
});

test('a transactional producer commits and aborts over stopped nodes; a reader sees what was committed, once', async () => {
  await using running = await startNodes();
  await using kafka = await kafkaOf(running, 't');
  const producer = kafka.producer({ transactionalId: 'writer' });
  await producer.start();
  const committed: string[] = [];
  let round = 0;
  const transaction = async (isCommitted: boolean) => {
    producer.begin();
    for (let partition = 0; partition < 6; partition++) {
      const value = `${round}/${partition}`;
      producer.append('t', partition, null, Buffer.from(value), Date.now(), null, 0);
      if (isCommitted) committed.push(value);
    }
    await producer.sendOffsets('g', [{ topic: 't', partition: 0, offset: round, metadata: '' }]);
    await (isCommitted ? producer.commit() : producer.flush().then(() => producer.abort()));
    round++;
  };
  try {
    await oneAfterTheOther(running, async () => {
      for (const isCommitted of [true, false, true]) await transaction(isCommitted);
    });
    // In the midst of one, too.
    producer.begin();
    producer.append('t', 0, null, Buffer.from('before'), Date.now(), null, 0);
    await producer.flush();
    await running.broker.nodes.stop([1, 2]);
    await running.broker.nodes.start([1, 2]);
    producer.append('t', 1, null, Buffer.from('after'), Date.now(), null, 0);
    await producer.commit();
    committed.push('before', 'after');
  } finally {
    await producer.close();
  }
  const values = (await readAll(kafka, 't')).map(({ value }) => String(value));
  expect(values.sort()).toEqual(committed.sort());
  const [offset] = await kafka.admin().committed('g', [{ topic: 't', partition: 0 }]);
  expect(offset).toBe(round - 1);
}, 120_000);

test.each(['exactly-once', 'at-least-once'] as const)(
  'a relay between two sites of three nodes loses nothing while nodes of both stop: %s',
  async (delivery) => {
    await using edges = await startNodes();
    await using centre = await startNodes();
    await using lab = new RelayLab();
    const edge = await lab.siteAt('edge-1', edges.wanBrokers);
    const central = await lab.siteAt('central', centre.brokers);
    await edge.create('t', 6);
    const relay = await lab.relay(central, [edge], { topics: ['t'], delivery });
    let sent = 0;
    for (const running of [edges, centre])
      await oneAfterTheOther(running, async (what) => {
        for (let i = 0; i < 60; i++, sent++) edge.send('t', Buffer.from(`${sent}`), { partition: sent % 6 });
        await edge.producer.flush();
        await eventually(what, async () => (await countOf(central.kafka, 't')) >= sent, 30_000);
      });
    expect(relay.trouble()).toBeNull();
    const copies = (await readAll(central.kafka, 't')).map(({ value }) => String(value));
    expect([...new Set(copies)].sort()).toEqual(numbers(sent).sort());
    if (delivery === 'exactly-once') expect(copies).toHaveLength(sent);
  },
  240_000,
);
