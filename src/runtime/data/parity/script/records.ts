import { BatchBuilder, type Compression, TRANSACTIONAL } from '../../../protocol/index.ts';
import type { Session } from '../session.ts';

export interface BatchSpec {
  values: readonly string[];
  compression?: Compression;
  producerId?: number;
  producerEpoch?: number;
  baseSequence?: number;
  isTransactional?: boolean;
  attributes?: number;
  /** Of the first record, ms after the start of the script; each further one is 1 s later. */
  atMs?: number;
  /** Null makes records without keys. */
  key?: string | null;
}

/** A batch that is the same, byte for byte, at both sides. */
export function batch(
  { startedAt }: Session,
  { values, atMs = 0, key = 'k', isTransactional, attributes = 0, ...options }: BatchSpec,
): Buffer {
  const builder = new BatchBuilder();
  for (const [index, value] of values.entries()) {
    const keyBytes = key === null ? null : Buffer.from(key);
    builder.append(keyBytes, Buffer.from(value), startedAt - 60_000 + atMs + index * 1_000);
  }
  return builder.build({ ...options, attributes: attributes | (isTransactional ? TRANSACTIONAL : 0) });
}

/** The body of a Produce for one partition, by name and by id. */
export const toPartition = (
  name: string,
  topicId: string,
  records: Buffer | null,
  { acks = -1, transactionalId = null as string | null, index = 0 } = {},
) => ({
  ...{ transactionalId, acks, timeoutMs: 5_000 },
  topicData: [{ name, topicId, partitionData: [{ index, records }] }],
});

interface FetchSpec {
  partition?: number;
  partitionMaxBytes?: number;
  currentLeaderEpoch?: number;
  isolationLevel?: number;
  minBytes?: number;
  maxWaitMs?: number;
  maxBytes?: number;
  sessionId?: number;
  sessionEpoch?: number;
}

/** The body of a Fetch of one partition, by name and by id; outside of any session. */
export const fromPartition = (topic: string, topicId: string, fetchOffset: number, spec: FetchSpec = {}) => {
  const { partition = 0, partitionMaxBytes = 1 << 20, currentLeaderEpoch = -1, ...rest } = spec;
  return {
    ...{ maxWaitMs: 100, minBytes: 0, maxBytes: 1 << 20, sessionId: 0, sessionEpoch: -1, ...rest },
    topics: [
      { topic, topicId, partitions: [{ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch }] },
    ],
  };
};
