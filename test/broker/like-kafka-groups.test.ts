import { expect, test } from 'vitest';
import {
  addOffsetsToTxn,
  deleteGroups,
  describeGroups,
  heartbeat,
  initProducerId,
  joinGroup,
  kafkaErrorName,
  leaveGroup,
  listGroups,
  offsetCommit,
  offsetDelete,
  syncGroup,
  txnOffsetCommit,
} from '../../src/runtime/protocol/index.ts';
import { servedTopic } from '../support/served-topic.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { committedBy } from '../support/transactional.ts';

// What dds parity found to be otherwise than in Apache Kafka 4.4.
const started = (dataDir: string | null = null) => servedTopic({ dataDir });

test('a static leader that comes back is told the members, and that it need not assign (KIP-814)', async () => {
  await using lab = await started();
  const join = (version: number, topics = 't') =>
    lab.client.ask(joinGroup, version, {
      ...{ groupId: 'g', groupInstanceId: 'one', memberId: '', protocolType: 'consumer' },
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000 },
      protocols: [{ name: 'range', metadata: Buffer.from(topics) }],
    });
  const { memberId, generationId } = await join(9);
  const assignments = [{ memberId, assignment: Buffer.from('all') }];
  const synced = await lab.client.ask(syncGroup, 5, {
    ...{ groupId: 'g', memberId, generationId, groupInstanceId: 'one', assignments },
    ...{ protocolType: 'consumer', protocolName: 'range' },
  });
  expect(synced.errorCode).toBe(0);
  // A client that cannot be told so must not know that it leads.
  const unaware = await join(8);
  expect([unaware.leader === unaware.memberId, unaware.members]).toEqual([false, []]);
  const aware = await join(9, 'other topics');
  expect(aware).toMatchObject({ generationId, leader: aware.memberId, skipAssignment: true });
  expect(aware.members).toMatchObject([{ memberId: aware.memberId, metadata: Buffer.from('other topics') }]);
});

test('a group with an empty name keeps offsets, and has no members', async () => {
  const dataDir = temporaryDirectory();
  {
    await using lab = await started(dataDir);
    const committed = await lab.client.ask(offsetCommit, 9, {
      groupId: '',
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 5 }] }],
    });
    expect(committed.topics[0]!.partitions[0]!.errorCode).toBe(0);
  }
  await using lab = await started(dataDir);
  const { client } = lab;
  expect(await committedBy(client, '', 't')).toBe(5);
  expect((await client.ask(listGroups, 5, {})).groups).toMatchObject([{ groupId: '', groupState: 'Empty' }]);
  const [described] = (await client.ask(describeGroups, 6, { groups: [''] })).groups;
  expect(described).toMatchObject({ errorCode: 0, groupState: 'Empty', members: [] });

  const member = { groupId: '', memberId: 'm', generationId: 1 };
  const protocol = { protocolType: 'consumer', protocolName: 'range' };
  const refused = [
    await client.ask(joinGroup, 9, { ...member, ...protocol, sessionTimeoutMs: 10_000, protocols: [] }),
    await client.ask(syncGroup, 5, { ...member, ...protocol, assignments: [] }),
    await client.ask(heartbeat, 4, member),
    await client.ask(leaveGroup, 5, { ...member, members: [member] }),
    await client.ask(offsetDelete, 0, { groupId: '', topics: [] }),
  ];
  expect(refused.map(({ errorCode }) => kafkaErrorName(errorCode))).toEqual(
    refused.map(() => 'INVALID_GROUP_ID'),
  );

  const transactionalId = 'p';
  const { producerId, producerEpoch } = await client.ask(initProducerId, 4, {
    ...{ transactionalId, transactionTimeoutMs: 10_000 },
  });
  const producer = { transactionalId, producerId, producerEpoch, groupId: '' };
  expect((await client.ask(addOffsetsToTxn, 3, producer)).errorCode).toBe(0);
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 6 }] }];
  const [within] = (await client.ask(txnOffsetCommit, 3, { ...producer, topics })).topics;
  expect(kafkaErrorName(within!.partitions[0]!.errorCode)).toBe('INVALID_GROUP_ID');

  expect((await client.ask(deleteGroups, 2, { groupsNames: [''] })).results[0]!.errorCode).toBe(0);
  expect(await committedBy(client, '', 't')).toBe(-1);
});
