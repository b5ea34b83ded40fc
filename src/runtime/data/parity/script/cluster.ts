import {
  apiVersions,
  describeCluster,
  describeTopicPartitions,
  findCoordinator,
  metadata,
  NIL_UUID,
  updateFeatures,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

/** What a client asks first: versions, features, brokers, topics, coordinators. */
export async function clusterScript(session: Session): Promise<void> {
  const client = { clientSoftwareName: 'dds', clientSoftwareVersion: '1.0' };
  await session.ask('cluster: a client without a name', apiVersions, {
    clientSoftwareName: '',
    clientSoftwareVersion: '',
  });
  await session.ask('cluster: a client whose name is no name', apiVersions, {
    clientSoftwareName: 'a b',
    clientSoftwareVersion: '1',
  });

  const { clusterId, brokers } = await session.await(metadata, { topics: [] }, () => true);
  const { nodeId } = brokers[0]!;
  await session.askInAll('cluster: ask for versions', apiVersions, { ...client, clusterId, nodeId });
  for (const [what, meant] of [
    ['another cluster', { clusterId: 'another', nodeId }],
    ['another broker', { clusterId, nodeId: nodeId + 70 }],
    ['another broker alone', { clusterId: null, nodeId: nodeId + 70 }],
    ['this cluster alone', { clusterId, nodeId: -1 }],
    ['another cluster alone', { clusterId: 'another', nodeId: -1 }],
  ] as const) {
    await session.ask(`cluster: ask for the versions of ${what}`, apiVersions, { ...client, ...meant });
  }

  const id = await session.topic('cluster', 3);
  const name = session.name('cluster');
  await session.askInAll('cluster: metadata of a topic', metadata, { topics: [{ name }] });
  await session.askInAll('cluster: metadata with operations', metadata, {
    ...{
      topics: [{ name }],
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
    },
  });
  await session.askInAll('cluster: metadata of an unknown topic', metadata, {
    ...{ topics: [{ name: session.name('unknown') }], allowAutoTopicCreation: false },
  });
  await session.ask('cluster: metadata of an invalid name', metadata, { topics: [{ name: 'a/b' }] });
  await session.ask('cluster: metadata of no topic', metadata, { topics: [] });
  await session.ask('cluster: metadata of the same topic twice', metadata, { topics: [{ name }, { name }] });
  for (const version of session.versions(metadata).filter((each) => each >= 12)) {
    await session.ask(
      'cluster: metadata by id',
      metadata,
      { topics: [{ topicId: id, name: null }] },
      { version },
    );
    await session.ask(
      'cluster: metadata of an unknown id',
      metadata,
      { topics: [{ topicId: unknownId, name: null }] },
      { version },
    );
    await session.ask(
      'cluster: metadata of neither name nor id',
      metadata,
      { topics: [{ topicId: NIL_UUID, name: null }] },
      { version, patient: false },
    );
  }
  await session.ask('cluster: partitions of topics', describeTopicPartitions, {
    topics: [{ name }, { name: session.name('unknown') }],
  });
  await session.ask('cluster: partitions, two at a time', describeTopicPartitions, {
    topics: [{ name }],
    responsePartitionLimit: 2,
  });
  await session.ask('cluster: partitions from a cursor', describeTopicPartitions, {
    ...{ topics: [{ name }], responsePartitionLimit: 2, cursor: { topicName: name, partitionIndex: 2 } },
  });
  await session.ask('cluster: partitions from a cursor below 0', describeTopicPartitions, {
    ...{ topics: [{ name }], responsePartitionLimit: 2, cursor: { topicName: name, partitionIndex: -1 } },
  });

  await session.askInAll('cluster: describe the cluster', describeCluster, {
    includeClusterAuthorizedOperations: true,
  });
  await session.ask('cluster: describe the controllers', describeCluster, {
    includeClusterAuthorizedOperations: false,
    endpointType: 2,
  });
  await session.ask('cluster: describe an unknown kind of endpoint', describeCluster, {
    includeClusterAuthorizedOperations: false,
    endpointType: 7,
  });

  await session.coordinator('group', 0);
  await session.coordinator('transaction', 1);
  for (const [keyType, what] of [
    [0, 'a group'],
    [1, 'a transaction'],
    [2, 'a share group'],
    [9, 'an unknown kind'],
  ] as const) {
    await session.askInAll(
      `cluster: coordinator of ${what}`,
      findCoordinator,
      (version) => ({
        ...{
          key: session.name('group'),
          keyType: version === 0 ? 0 : keyType,
          coordinatorKeys: [session.name('group'), session.name('other')],
        },
      }),
      { patient: keyType < 2 },
    );
  }
  await session.ask('cluster: coordinator of an empty key', findCoordinator, {
    keyType: 0,
    coordinatorKeys: [''],
  });

  for (const [feature, maxVersionLevel, what] of [
    ['transaction.version', 99, 'too high a level'],
    ['no.such.feature', 1, 'an unknown feature'],
    ['transaction.version', -5, 'a level below 0'],
  ] as const) {
    await session.askInAll(`cluster: update to ${what}`, updateFeatures, {
      featureUpdates: [{ feature, maxVersionLevel }],
      validateOnly: true,
    });
  }
  await session.ask('cluster: downgrade by an upgrade', updateFeatures, {
    featureUpdates: [{ feature: 'transaction.version', maxVersionLevel: 1 }],
    validateOnly: true,
  });
}

const unknownId = '11111111-2222-3333-4444-555555555555';
