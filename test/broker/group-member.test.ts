import { Kafka as KafkaJs, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import {
  createKafka,
  type GroupAssignor,
  type GroupGeneration,
  type GroupOptions,
  isPartitionsLost,
  type Kafka,
} from '../../src/runtime/kafka/index.ts';
import { startBroker } from '../support/broker.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const forever = new AbortController().signal;

/** Deals the partitions of `t` out by the names that the members tell, and tells each how many there are. */
const dealing = (name: string, count: number): GroupAssignor => ({
  name: 'dealing',
  userData: () => Buffer.from(name),
  async assign(members) {
    const sorted = [...members].sort((a, b) => a.userData.compare(b.userData));
    return new Map(
      sorted.map(({ memberId }, i) => {
        const mine = Array.from({ length: count }, (_, partition) => partition).filter(
          (partition) => partition % sorted.length === i,
        );
        const partitions = mine.map((partition) => ({ topic: 't', partition }));
        return [memberId, { partitions, userData: Buffer.from(`one of ${sorted.length}`) }];
      }),
    );
  },
});

const open = (brokers: string[]): Kafka & AsyncDisposable => {
  const kafka = createKafka({ brokers, clientId: 'test' });
  return Object.assign(kafka, { [Symbol.asyncDispose]: () => kafka.close() });
};

const options = (name: string, more: Partial<GroupOptions> = {}): GroupOptions => ({
  groupId: 'g',
  topics: ['t'],
  assignor: dealing(name, 6),
  sessionTimeoutMs: 6000,
  heartbeatIntervalMs: 20,
  ...more,
});

const ended = ({ ended: signal }: GroupGeneration) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

const numbers = ({ partitions }: GroupGeneration) => partitions.map(({ partition }) => partition);
const at = (partition: number, offset: number, metadata = '') => ({
  ...{ topic: 't', partition, offset, metadata },
});

test('members share what there is, and share it anew when one comes or goes', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 't', partitions: 6 }]);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => kafka.group(options(name)));
  const alone = await a!.join(forever);
  expect(numbers(alone)).toEqual([0, 1, 2, 3, 4, 5]);

  const joining = b!.join(forever);
  await ended(alone);
  expect(alone.isLost).toBe(false);
  // What was begun is finished: until it joins again, the old generation may commit.
  await a!.commit([at(1, 7, 'at 7'), at(2, 8)]);
  const [first, second] = await Promise.all([a!.join(forever), joining]);
  expect([numbers(first), numbers(second)]).toEqual([
    [0, 2, 4],
    [1, 3, 5],
  ]);
  expect(first.id).toBe(second.id);
  expect(String(second.userData)).toBe('one of 2');
  expect(await b!.committed([at(2, 0), at(1, 0), at(0, 0)])).toEqual([at(2, 8), at(1, 7, 'at 7'), at(0, -1)]);

  const third = c!.join(forever);
  await Promise.all([ended(first), ended(second)]);
  const all = await Promise.all([a!.join(forever), b!.join(forever), third]);
  expect(all.map(numbers)).toEqual([
    [0, 3],
    [1, 4],
    [2, 5],
  ]);

  await b!.leave();
  await Promise.all([ended(all[0]), ended(all[2])]);
  const left = await Promise.all([a!.join(forever), c!.join(forever)]);
  expect(left.map(numbers)).toEqual([
    [0, 2, 4],
    [1, 3, 5],
  ]);
  await expect(b!.commit([at(1, 9)])).rejects.toSatisfy(isPartitionsLost);
});

test('a member that was put out may not commit, and joins again as another one', async () => {
  await using running = await startBroker({ config: { 'group.min.session.timeout.ms': '100' } });
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 't', partitions: 6 }]);
  const silent = kafka.group(options('a', { sessionTimeoutMs: 300, heartbeatIntervalMs: 60_000 }));
  const before = await silent.join(forever);
  const other = kafka.group(options('b'));
  // The join of the other one waits until the silent one's session has ended.
  const alone = await other.join(forever);
  expect(numbers(alone)).toEqual([0, 1, 2, 3, 4, 5]);
  await expect(silent.commit([at(0, 1)])).rejects.toSatisfy(isPartitionsLost);
  expect(before.isLost).toBe(true);
  const joining = silent.join(forever);
  await ended(alone);
  const [after] = await Promise.all([joining, other.join(forever)]);
  expect(after.memberId).not.toBe(before.memberId);
  expect(numbers(after)).toEqual([0, 2, 4]);
});

test('a coordinator that is away for a moment costs nothing', async () => {
  const dataDir = temporaryDirectory();
  const first = await startBroker({ dataDir });
  await using kafka = open(first.brokers);
  const port = Number(first.brokers[0]!.split(':')[1]);
  const member = kafka.group(options('a'));
  let generation: GroupGeneration;
  try {
    await kafka.admin().createTopics([{ name: 't', partitions: 6 }]);
    generation = await member.join(forever);
  } finally {
    await first[Symbol.asyncDispose]();
  }
  const committing = member.commit([at(3, 30)]);
  await using _again = await startBroker({
    dataDir,
    listeners: [{ name: 'local', host: '127.0.0.1', port }],
  });
  await committing;
  expect(await member.committed([at(3, 0)])).toEqual([at(3, 30)]);
  expect(generation.ended.aborted).toBe(false);
  await member.leave();
});

test('a join that waits for others is given up with its signal, and the place with it', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 't', partitions: 6 }]);
  const [a, b] = ['a', 'b'].map((name) => kafka.group(options(name)));
  const alone = await a!.join(forever);
  const stop = new AbortController();
  const waiting = b!.join(stop.signal);
  await ended(alone);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await b!.leave();
  expect(numbers(await a!.join(forever))).toEqual([0, 1, 2, 3, 4, 5]);
});

test('what the broker refuses is told at once', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await expect(kafka.group(options('a', { groupId: '' })).join(forever)).rejects.toMatchObject({
    code: 'DDS_KAFKA',
    details: { kafka: 'INVALID_GROUP_ID' },
  });
});

test('it shares a group with a member of kafkajs', async () => {
  await using running = await startBroker();
  await using kafka = open(running.brokers);
  await kafka.admin().createTopics([{ name: 't', partitions: 6 }]);
  // kafkajs tells no user data; as the name of the assignor is the same, either may be the leader.
  const assignor = { ...dealing('a', 6), name: 'RoundRobinAssigner' };
  const ours = kafka.group(options('a', { assignor }));
  const alone = await ours.join(forever);
  const theirs = new KafkaJs({
    brokers: running.brokers,
    clientId: 'other',
    logLevel: logLevel.NOTHING,
  }).consumer({
    groupId: 'g',
    sessionTimeout: 6000,
    maxWaitTimeInMs: 100,
  });
  await theirs.connect();
  try {
    await theirs.subscribe({ topic: 't' });
    const joined = new Promise<number[]>((resolve) => {
      theirs.on(theirs.events.GROUP_JOIN, ({ payload }) => resolve(payload.memberAssignment.t ?? []));
    });
    // Starts only once it has joined, for which ours has to join again.
    const started = theirs.run({ eachMessage: async () => undefined });
    await ended(alone);
    const mine = numbers(await ours.join(forever));
    const other = await joined;
    await started;
    expect([...mine, ...other].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(mine).toHaveLength(3);
  } finally {
    await theirs.disconnect();
  }
});
