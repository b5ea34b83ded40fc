import { createHash } from 'node:crypto';
import { kafkaErrorName, NIL_UUID, RecordBatch } from '../../protocol/index.ts';
import type { Exchange } from './session.ts';

/** What two brokers cannot have in common, by the name of the field, and what stands for it: within an answer the same value gets the same number. */
const numbered: Readonly<Record<string, string>> = {
  producerId: 'producer',
  nodeId: 'node',
  leaderId: 'node',
  controllerId: 'node',
  replicaNodes: 'node',
  isrNodes: 'node',
  offlineReplicas: 'node',
  brokerId: 'node',
  clusterId: 'cluster',
};
/** Times, addresses, places, sizes of disks. */
const hidden: Readonly<Record<string, string>> = {
  topicId: 'topic',
  memberId: 'member',
  /** Of a classic group; that of a partition is called leaderId. */
  leader: 'member',
  sessionId: 'session',
  throttleTimeMs: 'ms',
  host: 'host',
  port: 'port',
  clientHost: 'host',
  logDir: 'path',
  totalBytes: 'bytes',
  usableBytes: 'bytes',
  logAppendTimeMs: 'time',
  lastFetchTimestamp: 'time',
  lastCaughtUpTimestamp: 'time',
  transactionStartTimeMs: 'time',
  lastTimestamp: 'time',
  finalizedFeaturesEpoch: 'epoch',
};
/** Lists in no order of their own. */
const unordered = new Set([
  'acls',
  'matchingAcls',
  'resources',
  'entries',
  'entity',
  'values',
  'configResources',
  'credentialInfos',
  'members',
  'topicPartitions',
]);
const none = new Set<unknown>([-1, 0, '', null, NIL_UUID]);
const byText = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
/** Node 0 and producer 0 are somebody. */
const isNone = (sort: string, value: unknown) => (sort === 'cluster' ? none.has(value) : value === -1);

/** Turns the answers of one side into what can be compared with the other's. */
export class Masking {
  readonly #prefix: string;
  readonly #met = new Map<string, Map<unknown, number>>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  answer({ answer }: Exchange): unknown {
    this.#met.clear();
    return this.#value(answer, '');
  }

  #value(value: unknown, field: string): unknown {
    if (Buffer.isBuffer(value)) return field === 'records' ? this.#batches(value) : value.toString('hex');
    if (Array.isArray(value)) {
      const own = value.filter((each) => !this.#isOther(each));
      // In one order at both sides, so that their numbers are the same.
      if (field === 'transactionStates') own.sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1));
      const masked = own.map((each) => this.#value(each, field));
      return unordered.has(field) ? masked.sort(byText) : masked;
    }
    if (typeof value === 'object' && value !== null) {
      const entries = Object.entries(value).map(([name, each]) => [name, this.#value(each, name)]);
      return Object.fromEntries(entries);
    }
    if (/errorCode$/i.test(field)) return kafkaErrorName(value as number);
    const sort = numbered[field];
    if (sort) return isNone(sort, value) ? value : this.#number(sort, value);
    const stand = hidden[field];
    if (stand) return none.has(value) && field !== 'throttleTimeMs' ? value : `(${stand})`;
    return typeof value === 'string' ? value.replaceAll(this.#prefix, '') : value;
  }

  /** Groups and transactional ids of somebody else, or of an earlier run. */
  #isOther(element: unknown): boolean {
    const { groupId, transactionalId } = (element ?? {}) as Record<string, unknown>;
    const id = groupId ?? transactionalId;
    return typeof id === 'string' && id !== '' && !id.startsWith(this.#prefix);
  }

  #number(sort: string, value: unknown): unknown {
    if (value === -1) return value;
    const met = this.#met.get(sort) ?? new Map<unknown, number>();
    this.#met.set(sort, met);
    if (!met.has(value)) met.set(value, met.size + 1);
    return `(${sort} ${met.get(value)})`;
  }

  /** Batches with all that their headers say, and a digest of their records, as they lie there. */
  #batches(bytes: Buffer): unknown[] {
    const batches: unknown[] = [];
    for (let start = 0; start + 17 <= bytes.length; ) {
      const batch = new RecordBatch(bytes, start);
      if (batch.end > bytes.length) {
        batches.push(`cut off after ${bytes.length - start} bytes`);
        break;
      }
      const {
        baseOffset,
        leaderEpoch,
        lastOffset,
        producerId,
        producerEpoch,
        baseSequence,
        recordCount,
        size,
      } = batch;
      const { isControl, isTransactional, isLogAppendTime, compression } = batch;
      const time = isControl || isLogAppendTime ? '(time)' : batch.maxTimestamp - batch.baseTimestamp;
      batches.push({
        ...{ baseOffset, leaderEpoch, lastOffset, producerEpoch, baseSequence, recordCount, size },
        producerId: producerId === -1 ? -1 : this.#number('producer', producerId),
        ...{ isControl, isTransactional, isLogAppendTime, compression, time },
        digest: createHash('sha256').update(batch.payload).digest('hex').slice(0, 12),
      });
      start = batch.end;
    }
    return batches;
  }
}
