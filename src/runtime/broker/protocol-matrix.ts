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
    what: 'Share groups (76–79, 83–87, 90–92; KIP-932), Streams groups (88, 89, 93; KIP-1071)',
    why: 'newer than the clients in use',
  },
  {
    what: 'GetTelemetrySubscriptions, PushTelemetry (71, 72; KIP-714)',
    why: 'Kafka does not announce them either without a plugin that takes the metrics',
  },
  { what: 'UnregisterController (94)', why: 'there is no controller beside the broker' },
  {
    what: 'LeaderAndIsr, StopReplica, UpdateMetadata, Vote, FetchSnapshot and other APIs between brokers and controllers',
    why: 'the nodes of a broker share one state in one process; there is no controller beside them',
  },
];
