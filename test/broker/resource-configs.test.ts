import { expect, test } from 'vitest';
import {
  consumerGroupHeartbeat,
  describeConfigs,
  incrementalAlterConfigs,
  kafkaErrorName,
  listConfigResources,
  RESOURCE_BROKER_LOGGER,
  RESOURCE_CLIENT_METRICS,
  RESOURCE_GROUP,
} from '../../src/runtime/protocol/index.ts';
import { eventually } from '../support/lab.ts';
import { servedTopic } from '../support/served-topic.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const [SET, DELETE, APPEND] = [0, 1, 2];
const TIMEOUT = 'consumer.session.timeout.ms';
const INTERVAL = 'consumer.heartbeat.interval.ms';
const limits = {
  'group.consumer.min.session.timeout.ms': '200',
  'group.consumer.min.heartbeat.interval.ms': '50',
};

async function started(dataDir = temporaryDirectory()) {
  const lab = await servedTopic({ dataDir, config: limits });
  const { client } = lab;
  const alter = async (
    resourceType: number,
    resourceName: string,
    ...changes: [name: string, configOperation: number, value: string | null][]
  ) => {
    const configs = changes.map(([name, configOperation, value]) => ({ name, configOperation, value }));
    const body = { resources: [{ resourceType, resourceName, configs }], validateOnly: false };
    return kafkaErrorName((await client.ask(incrementalAlterConfigs, 1, body)).responses[0]!.errorCode);
  };
  const describe = async (
    resourceType: number,
    resourceName: string,
    configurationKeys: string[] | null = null,
  ) => {
    const resources = [{ resourceType, resourceName, configurationKeys }];
    const [result] = (await client.ask(describeConfigs, 4, { resources })).results;
    return result!.configs.map(({ name, value, configSource }) => [name, value, configSource]);
  };
  const list = async (resourceType: number) => {
    const { configResources } = await client.ask(listConfigResources, 1, { resourceTypes: [resourceType] });
    return configResources.map(({ resourceName }) => resourceName);
  };
  /** One heartbeat of a member: its error, and how soon the next one is due. */
  const beat = async (groupId: string, memberEpoch = 0) => {
    const answer = await client.ask(consumerGroupHeartbeat, 1, {
      ...{ groupId, memberId: 'm', memberEpoch },
      ...(memberEpoch === 0 && {
        rebalanceTimeoutMs: 10_000,
        subscribedTopicNames: ['t'],
        topicPartitions: [],
      }),
    });
    return [kafkaErrorName(answer.errorCode), answer.heartbeatIntervalMs, answer.memberEpoch] as const;
  };
  return { ...lab, alter, describe, list, beat };
}

test('what a group sets is in force for it alone, over a restart (KIP-848)', async () => {
  const dataDir = temporaryDirectory();
  {
    await using lab = await started(dataDir);
    expect(await lab.alter(RESOURCE_GROUP, 'short', [TIMEOUT, SET, '300'], [INTERVAL, SET, '100'])).toBe(
      'NONE',
    );
    expect(await lab.list(RESOURCE_GROUP)).toEqual(['short']);
  }
  await using lab = await started(dataDir);
  expect(await lab.describe(RESOURCE_GROUP, 'short')).toEqual([
    [INTERVAL, '100', 8],
    [TIMEOUT, '300', 8],
  ]);
  expect(await lab.describe(RESOURCE_GROUP, 'other', [TIMEOUT])).toEqual([[TIMEOUT, '45000', 5]]);
  const [, interval, epoch] = await lab.beat('short');
  const [, otherInterval, otherEpoch] = await lab.beat('other');
  expect([interval, otherInterval]).toEqual([100, 5000]);
  // Its session is over; asking for an epoch to come does not prolong it.
  const isOut = async () => (await lab.beat('short', epoch + 9))[0] === 'UNKNOWN_MEMBER_ID';
  await eventually('the member of the short session is out', isOut);
  expect((await lab.beat('other', otherEpoch))[0]).toBe('NONE');
  expect(await lab.alter(RESOURCE_GROUP, 'short', [TIMEOUT, DELETE, null], [INTERVAL, DELETE, null])).toBe(
    'NONE',
  );
  expect(await lab.list(RESOURCE_GROUP)).toEqual([]);
});

test('a group cannot set what the broker does not allow, nor what does not go together', async () => {
  await using lab = await started();
  const set = (name: string, value: string, group = 'g') =>
    lab.alter(RESOURCE_GROUP, group, [name, SET, value]);
  expect(await set(TIMEOUT, '100')).toBe('INVALID_CONFIG');
  expect(await set(TIMEOUT, '60001')).toBe('INVALID_CONFIG');
  expect(await set(TIMEOUT, '4000')).toBe('INVALID_CONFIG');
  expect(await set(INTERVAL, '15001')).toBe('INVALID_CONFIG');
  expect(await set('session.timeout.ms', '50000')).toBe('INVALID_CONFIG');
  expect(await set(TIMEOUT, '50000', '')).toBe('INVALID_REQUEST');
  expect(await lab.alter(RESOURCE_GROUP, 'g', [TIMEOUT, APPEND, '1'])).toBe('INVALID_CONFIG');
  expect(await lab.list(RESOURCE_GROUP)).toEqual([]);
});

test('subscriptions to metrics of clients are kept and checked (KIP-714); loggers are none', async () => {
  await using lab = await started();
  const alter = (name: string, value: string) => lab.alter(RESOURCE_CLIENT_METRICS, 'm', [name, SET, value]);
  expect(await alter('interval.ms', '1000')).toBe('NONE');
  expect(await alter('match', 'client_id=a.*, client_software_name=java')).toBe('NONE');
  expect(await alter('interval.ms', '1')).toBe('INVALID_REQUEST');
  expect(await alter('colour', 'blue')).toBe('INVALID_REQUEST');
  for (const match of ['colour=blue', 'client_id', 'client_id=(']) {
    expect([match, await alter('match', match)]).toEqual([match, 'INVALID_CONFIG']);
  }
  expect(await lab.alter(RESOURCE_CLIENT_METRICS, 'm', ['metrics', APPEND, 'a'])).toBe('INVALID_CONFIG');
  expect(await lab.describe(RESOURCE_CLIENT_METRICS, 'm', ['interval.ms'])).toEqual([
    ['interval.ms', '1000', 7],
  ]);
  expect(await lab.list(RESOURCE_CLIENT_METRICS)).toEqual(['m']);
  expect(await lab.describe(RESOURCE_BROKER_LOGGER, '1', ['kafka.log'])).toEqual([]);
  expect(await lab.alter(RESOURCE_BROKER_LOGGER, '1', ['kafka.log', SET, 'INFO'])).toBe('INVALID_CONFIG');
});
