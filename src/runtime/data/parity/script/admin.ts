import {
  addRaftVoter,
  alterReplicaLogDirs,
  createDelegationToken,
  describeDelegationToken,
  describeLogDirs,
  describeQuorum,
  expireDelegationToken,
  listConfigResources,
  NIL_UUID,
  RESOURCE_TOPIC,
  removeRaftVoter,
  renewDelegationToken,
  saslAuthenticate,
  saslHandshake,
  unregisterBroker,
} from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

const METADATA_TOPIC = '__cluster_metadata';

/** What is left of administration: log directories, the quorum, and security that a plain listener does not have. */
export async function adminScript(session: Session): Promise<void> {
  await security(session);
  await logDirs(session);
  await quorum(session);
  await resources(session);
}

async function security(session: Session): Promise<void> {
  await session.askInAll('admin: greet with a mechanism', saslHandshake, { mechanism: 'PLAIN' });
  await session.askInAll('admin: authenticate', saslAuthenticate, {
    authBytes: Buffer.from('\0user\0secret'),
  });
  await session.askInAll('admin: create a token', createDelegationToken, {
    renewers: [],
    maxLifetimeMs: -1,
    ownerPrincipalType: null,
    ownerPrincipalName: null,
  });
  const hmac = Buffer.from('x');
  await session.askInAll('admin: renew a token', renewDelegationToken, { hmac, renewPeriodMs: 1000 });
  await session.askInAll('admin: expire a token', expireDelegationToken, { hmac, expiryTimePeriodMs: -1 });
  await session.askInAll('admin: describe all tokens', describeDelegationToken, { owners: null });
  await session.ask('admin: describe the tokens of nobody', describeDelegationToken, { owners: [] });
}

async function logDirs(session: Session): Promise<void> {
  await session.topic('dirs', 1);
  const name = session.name('dirs');
  const { results } = await session.await(describeLogDirs, { topics: [] }, () => true);
  const path = results[0]!.logDir;
  const move = (what: string, to: string, topic = name, partitions = [0]) =>
    session.askInAll(`admin: move ${what}`, alterReplicaLogDirs, {
      dirs: [{ path: to, topics: [{ name: topic, partitions }] }],
    });
  await move('to where it is', path);
  await move('to an unknown directory', '/no/such/directory');
  await move('to no absolute path', 'here');
  await move('an unknown partition', path, name, [0, 9]);
  await move('an unknown topic', path, session.name('unknown'));
  await session.ask('admin: move nothing', alterReplicaLogDirs, { dirs: [] });
}

async function quorum(session: Session): Promise<void> {
  const of = (topicName: string, ...partitions: number[]) => ({
    topics: [{ topicName, partitions: partitions.map((partitionIndex) => ({ partitionIndex })) }],
  });
  await session.askInAll('admin: describe the quorum', describeQuorum, of(METADATA_TOPIC, 0));
  await session.ask('admin: describe the quorum of another partition', describeQuorum, of(METADATA_TOPIC, 1));
  await session.ask('admin: describe the quorum of a topic', describeQuorum, of(session.name('dirs'), 0));
  await session.ask('admin: describe the quorum of nothing', describeQuorum, { topics: [] });
  const voter = { voterId: 3000, voterDirectoryId: '11111111-2222-3333-4444-555555555555' };
  const listeners = [{ name: 'CONTROLLER', host: 'localhost', port: 9095 }];
  await session.askInAll('admin: add a voter', addRaftVoter, {
    clusterId: null,
    timeoutMs: 1000,
    ...voter,
    listeners,
  });
  await session.ask('admin: add a voter of another cluster', addRaftVoter, {
    ...{ clusterId: 'another', timeoutMs: 1000, ...voter, listeners },
  });
  await session.askInAll('admin: remove a voter', removeRaftVoter, { clusterId: null, ...voter });
  await session.ask('admin: remove a voter without a directory', removeRaftVoter, {
    ...{ clusterId: null, voterId: 3000, voterDirectoryId: NIL_UUID },
  });
  await session.ask('admin: forget an unknown broker', unregisterBroker, { brokerId: 3000 });
  await session.ask('admin: forget a broker below 0', unregisterBroker, { brokerId: -1 });
}

/** Of the topics that there are only those of the script are kept. */
async function resources(session: Session): Promise<void> {
  const connection = await session.connect();
  const list = async (what: string, resourceTypes: number[], version: number) => {
    const answer = await connection.requestIn(listConfigResources, version, { resourceTypes });
    const configResources = answer.configResources.filter(
      ({ resourceType, resourceName }) =>
        resourceType !== RESOURCE_TOPIC || resourceName === session.name('dirs'),
    );
    session.keep(`admin: list ${what}`, listConfigResources, version, { ...answer, configResources });
  };
  const versions = session.versions(listConfigResources);
  for (const version of versions) await list('all that has configs', [], version);
  const latest = versions.at(-1);
  if (!latest) return;
  for (const [type, what] of [
    [RESOURCE_TOPIC, 'topics'],
    [4, 'brokers'],
    [8, 'loggers'],
    [16, 'client metrics'],
    [32, 'groups'],
    [0, 'an unknown kind'],
    [99, 'a kind to come'],
  ] as const) {
    await list(what, [type], latest);
  }
  await list('two kinds', [4, 16], latest);
}
