import { handlers } from './handlers/index.ts';

export interface ProtocolRow {
  key: number;
  name: string;
  /** Versions told to clients in ApiVersions. */
  minVersion: number;
  maxVersion: number;
  /** What of these versions is not there, and why; empty when nothing is missing. */
  leftOut: string;
}

/** What the broker answers, from its handler table. */
export function protocolMatrix(): ProtocolRow[] {
  return handlers.map(({ api, advertisedMinVersion, maxVersion, leftOut }) => ({
    key: api.key,
    name: api.name,
    minVersion: advertisedMinVersion,
    maxVersion,
    leftOut,
  }));
}

/** APIs of Kafka that are not served. */
export const notServed: readonly { what: string; why: string }[] = [
  {
    what: 'SASL, ACLs, delegation tokens, SCRAM users, quotas',
    why: 'not there yet; the broker listens on 127.0.0.1',
  },
  { what: 'ShareGroup… (KIP-932), Streams groups (KIP-1071)', why: 'newer than the clients in use' },
  {
    what: 'ElectLeaders, reassignment of partitions, AlterReplicaLogDirs',
    why: 'every partition has one replica',
  },
  {
    what: 'LeaderAndIsr, StopReplica, UpdateMetadata, Vote, FetchSnapshot and other APIs between brokers and controllers',
    why: 'there is one broker and no controller beside it',
  },
];
