import { createPartitions, createTopics, deleteTopics, metadata } from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

const LONGEST_NAME = 249;

/** Topics: made, refused, grown, removed. */
export async function topicsScript(session: Session): Promise<void> {
  const wanted = (short: string, rest: object = {}) => ({
    name: session.name(short),
    numPartitions: 2,
    replicationFactor: 1,
    ...rest,
  });
  for (const version of session.versions(createTopics)) {
    await session.ask('topics: create', createTopics, { topics: [wanted(`new-${version}`)] }, { version });
    await session.ask(
      'topics: create it again',
      createTopics,
      { topics: [wanted(`new-${version}`)] },
      { version },
    );
  }
  const create = (what: string, topic: object, rest: object = {}) =>
    session.ask(`topics: create with ${what}`, createTopics, {
      topics: [topic as ReturnType<typeof wanted>],
      ...rest,
    });
  await create(
    'the default partitions and replicas',
    wanted('defaults', { numPartitions: -1, replicationFactor: -1 }),
  );
  await create('0 partitions', wanted('bad', { numPartitions: 0 }));
  await create('-2 partitions', wanted('bad', { numPartitions: -2 }));
  await create('0 replicas', wanted('bad', { replicationFactor: 0 }));
  await create('7 replicas', wanted('bad', { replicationFactor: 7 }));
  await create('only a check', wanted('checked'), { validateOnly: true });
  await create('a check that fails', wanted('checked', { numPartitions: 0 }), { validateOnly: true });
  for (const [what, name] of [
    ['an empty name', ''],
    ['a dot for a name', '.'],
    ['two dots for a name', '..'],
    ['a slash in its name', 'a/b'],
    ['an umlaut in its name', 'ä'],
    ['too long a name', 'x'.repeat(LONGEST_NAME + 1)],
  ] as const) {
    await create(what, { name, numPartitions: 1, replicationFactor: 1 });
  }
  // A check only: a broker that does not have it yet would make it as we say.
  await create(
    'the name of an internal topic',
    { name: '__consumer_offsets', numPartitions: 1, replicationFactor: 1 },
    { validateOnly: true },
  );
  await create('dots where another has underscores', { ...wanted('new_0'), name: session.name('new-0') });
  await create('a name with a dot', wanted('col.lide'));
  await create('the same name with an underscore', wanted('col_lide'));
  await session.ask('topics: create the same twice', createTopics, {
    topics: [wanted('twice'), wanted('twice')],
  });
  await session.ask('topics: create a good and a bad one', createTopics, {
    topics: [wanted('good'), wanted('bad', { numPartitions: 0 })],
  });

  const configs = (entries: Record<string, string | null>) => ({
    configs: Object.entries(entries).map(([name, value]) => ({ name, value })),
  });
  await create(
    'configs',
    wanted('configs', configs({ 'retention.ms': '60000', 'cleanup.policy': 'compact,delete' })),
  );
  for (const [index, [what, entries]] of Object.entries(badConfigs).entries())
    await create(what, wanted(`bad-${index}`, configs(entries)));

  const nodes = await session.await(metadata, { topics: [] }, () => true);
  const node = nodes.brokers[0]!.nodeId;
  const assigned = (short: string, assignments: [number, number[]][], rest: object = {}) =>
    wanted(short, {
      numPartitions: -1,
      replicationFactor: -1,
      assignments: assignments.map(([partitionIndex, brokerIds]) => ({ partitionIndex, brokerIds })),
      ...rest,
    });
  await create(
    'assignments',
    assigned('assigned', [
      [0, [node]],
      [1, [node]],
    ]),
  );
  await create('assignments and partitions', assigned('bad', [[0, [node]]], { numPartitions: 1 }));
  await create('an assignment to an unknown node', assigned('bad', [[0, [777]]]));
  await create('an assignment to one node twice', assigned('bad', [[0, [node, node]]]));
  await create('an assignment to nobody', assigned('bad', [[0, []]]));
  await create(
    'a gap in its assignments',
    assigned('bad', [
      [0, [node]],
      [2, [node]],
    ]),
  );
  await create(
    'assignments of different lengths',
    assigned('bad', [
      [0, [node]],
      [1, [node, 777]],
    ]),
  );

  await session.topic('grow', 2);
  const grow = (what: string, count: number, rest: object = {}, options: object = {}) =>
    session.askInAll(`topics: grow ${what}`, createPartitions, (version) => ({
      ...{
        topics: [{ name: session.name('grow'), count: count > 2 ? count + version : count, ...rest }],
        timeoutMs: 5_000,
        validateOnly: false,
        ...options,
      },
    }));
  await grow('by some', 3);
  await grow('to fewer', 1);
  await grow('to as many', 2);
  await grow('to none', 0);
  await grow('with too few assignments', 20, { assignments: [{ brokerIds: [node] }] });
  await grow('with an unknown node', 9, {
    assignments: Array.from({ length: 9 }, () => ({ brokerIds: [777] })),
  });
  await grow('only as a check', 30, {}, { validateOnly: true });
  await session.ask('topics: grow an unknown one', createPartitions, {
    topics: [{ name: session.name('unknown'), count: 3 }],
    timeoutMs: 5_000,
    validateOnly: false,
  });
  await session.ask('topics: grow one twice', createPartitions, {
    topics: [
      { name: session.name('grow'), count: 20 },
      { name: session.name('grow'), count: 21 },
    ],
    timeoutMs: 5_000,
    validateOnly: false,
  });

  for (const version of session.versions(deleteTopics)) {
    const short = `delete-${version}`;
    await session.topic(short);
    const body = {
      topics: [{ name: session.name(short) }],
      topicNames: [session.name(short)],
      timeoutMs: 5_000,
    };
    await session.ask('topics: delete', deleteTopics, body, { version });
    await session.topicGone(short);
    await session.ask('topics: delete it again', deleteTopics, body, { version });
  }
  const topicId = await session.topic('by-id');
  await session.ask('topics: delete by name and id', deleteTopics, {
    topics: [{ name: session.name('by-id'), topicId }],
    timeoutMs: 5_000,
  });
  await session.ask('topics: delete by id', deleteTopics, {
    topics: [{ name: null, topicId }],
    timeoutMs: 5_000,
  });
  await session.topicGone('by-id');
  await session.ask('topics: delete an unknown id', deleteTopics, {
    topics: [{ name: null, topicId }],
    timeoutMs: 5_000,
  });
  await session.ask('topics: delete neither name nor id', deleteTopics, {
    topics: [{ name: null }],
    timeoutMs: 5_000,
  });
  await session.topic('delete-twice');
  await session.ask('topics: delete one twice', deleteTopics, {
    topics: [{ name: session.name('delete-twice') }, { name: session.name('delete-twice') }],
    timeoutMs: 5_000,
  });
}

const badConfigs: Record<string, Record<string, string | null>> = {
  'an unknown config': { 'no.such.config': '1' },
  'a config without a value': { 'retention.ms': null },
  'a config that is no number': { 'retention.ms': 'soon' },
  'a config that is too small': { 'segment.bytes': '13' },
  'segments of 10 kB': { 'segment.bytes': '10000' },
  'an unknown cleanup policy': { 'cleanup.policy': 'shred' },
  'an empty cleanup policy': { 'cleanup.policy': '' },
  'an unknown codec': { 'compression.type': 'rar' },
  'a boolean that is none': { preallocate: 'maybe' },
  'too dirty a ratio': { 'min.cleanable.dirty.ratio': '1.5' },
  'tiers without a remote storage': { 'remote.storage.enable': 'true' },
  'a compaction lag upside down': { 'min.compaction.lag.ms': '100', 'max.compaction.lag.ms': '10' },
  'an old config of message formats': { 'message.format.version': '3.0' },
};
