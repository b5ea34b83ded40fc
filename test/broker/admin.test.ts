/** What is left of administration: log directories, the quorum, resources with configs, whom a client means. */
import { expect, test } from 'vitest';
import {
  alterReplicaLogDirs,
  apiVersions,
  describeCluster,
  describeDelegationToken,
  describeLogDirs,
  describeQuorum,
  kafkaErrorName,
  listConfigResources,
  saslHandshake,
  unregisterBroker,
} from '../../src/runtime/protocol/index.ts';
import { servedTopic } from '../support/served-topic.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const started = (dataDir: string | null = null) => servedTopic({ dataDir });

test.for(['memory', 'file'] as const)('a directory tells how much room there is (%s)', async (storage) => {
  const dataDir = storage === 'file' ? temporaryDirectory() : null;
  await using lab = await started(dataDir);
  const { results } = await lab.client.ask(describeLogDirs, 5, { topics: null });
  const { logDir, totalBytes, usableBytes, isCordoned } = results[0]!;
  if (dataDir !== null) expect(logDir).toBe(dataDir);
  expect(usableBytes).toBeGreaterThan(0);
  expect(totalBytes).toBeGreaterThan(usableBytes);
  expect(isCordoned).toBe(false);
  const move = async (path: string, partition: number) => {
    const dirs = [{ path, topics: [{ name: 't', partitions: [partition] }] }];
    const moved = await lab.client.ask(alterReplicaLogDirs, 2, { dirs });
    return kafkaErrorName(moved.results[0]!.partitions[0]!.errorCode);
  };
  expect([await move(logDir, 0), await move(logDir, 7), await move('/elsewhere', 0)]).toEqual([
    'NONE',
    'UNKNOWN_TOPIC_OR_PARTITION',
    'LOG_DIR_NOT_FOUND',
  ]);
});

test('who means another broker or another cluster is sent back to the bootstrap servers (KIP-1242)', async () => {
  await using lab = await started();
  const { clusterId } = await lab.client.ask(describeCluster, 1, {
    includeClusterAuthorizedOperations: false,
  });
  const ask = async (meant: { clusterId?: string; nodeId?: number }) => {
    const body = { clientSoftwareName: 'a', clientSoftwareVersion: '1', ...meant };
    const { errorCode, apiKeys } = await lab.client.ask(apiVersions, 5, body);
    return [kafkaErrorName(errorCode), apiKeys.length > 0];
  };
  expect(await ask({})).toEqual(['NONE', true]);
  expect(await ask({ clusterId, nodeId: 1 })).toEqual(['NONE', true]);
  expect(await ask({ clusterId, nodeId: 2 })).toEqual(['REBOOTSTRAP_REQUIRED', false]);
  expect(await ask({ clusterId: 'another', nodeId: 1 })).toEqual(['REBOOTSTRAP_REQUIRED', false]);
  expect(await ask({ clusterId })).toEqual(['INVALID_REQUEST', false]);
});

test('the quorum is the broker alone; it cannot be taken out', async () => {
  await using lab = await started();
  const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }];
  const told = await lab.client.ask(describeQuorum, 2, { topics });
  const { leaderId, currentVoters } = told.topics[0]!.partitions[0]!;
  expect([leaderId, currentVoters.map(({ replicaId }) => replicaId)]).toEqual([1, [1]]);
  expect(told.nodes.map(({ nodeId }) => nodeId)).toEqual([1]);
  const forget = async (brokerId: number) =>
    kafkaErrorName((await lab.client.ask(unregisterBroker, 0, { brokerId })).errorCode);
  expect([await forget(1), await forget(9)]).toEqual(['INVALID_REQUEST', 'BROKER_ID_NOT_REGISTERED']);
});

test('topics and brokers have configs; there are no client metrics', async () => {
  await using lab = await started();
  const list = async (version: number, ...resourceTypes: number[]) => {
    const { errorCode, configResources } = await lab.client.ask(listConfigResources, version, {
      resourceTypes,
    });
    if (errorCode !== 0) return kafkaErrorName(errorCode);
    return configResources.map(({ resourceType, resourceName }) => `${resourceType} ${resourceName}`);
  };
  expect(await list(1)).toEqual(['2 t', '4 1', '8 1']);
  expect(await list(1, 4, 16)).toEqual(['4 1']);
  expect(await list(1, 77)).toBe('UNSUPPORTED_VERSION');
  expect(await list(0)).toEqual([]);
});

test('a listener without SASL takes neither a handshake nor a question for tokens, and stays open', async () => {
  await using lab = await started();
  const greeted = await lab.client.ask(saslHandshake, 1, { mechanism: 'PLAIN' });
  expect([kafkaErrorName(greeted.errorCode), greeted.mechanisms]).toEqual(['ILLEGAL_SASL_STATE', []]);
  const tokens = await lab.client.ask(describeDelegationToken, 3, { owners: null });
  expect(kafkaErrorName(tokens.errorCode)).toBe('DELEGATION_TOKEN_REQUEST_NOT_ALLOWED');
});
