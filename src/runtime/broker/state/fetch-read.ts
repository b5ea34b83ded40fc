import { codeOf, NIL_UUID, RecordBatch } from '../../protocol/index.ts';
import type { Aborted } from './aborted-transactions.ts';
import type { AskedPartition } from './fetch-sessions.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Topics } from './topics.ts';

const NO_RECORDS = Buffer.alloc(0) as Buffer;

export interface FetchLimits {
  /** The node that is asked, and which ones may answer. */
  nodeId: number;
  servedBy: 'leader' | 'isr';
  maxBytes: number;
  isCommitted: boolean;
  byTopicId: boolean;
  /** Leaves out partitions of which the client knows all. */
  onlyChanges: boolean;
}

interface ReadPartition {
  partitionIndex: number;
  errorCode: number;
  highWatermark: number;
  lastStableOffset: number;
  logStartOffset: number;
  abortedTransactions: Aborted[] | null;
  records: Buffer;
  /** Where another node leads (KIP-951). */
  currentLeader?: { leaderId: number; leaderEpoch: number };
}

/** What one look at the logs gives. */
export interface FetchAnswer {
  partitions: { asked: AskedPartition; answer: ReadPartition }[];
  /** In which more may come. */
  logs: PartitionLog[];
  bytes: number;
  records: number;
  /** Nothing is asked for, or there is an error: that is told at once. */
  isFinal: boolean;
  /** Other nodes, which lead what was asked for here; null for none. */
  leaders: Set<number> | null;
}

/** Reads partitions in the order in which they are asked for, until the bytes are used up. */
export function readPartitions(
  topics: Topics,
  all: Iterable<AskedPartition>,
  { nodeId, servedBy, maxBytes, isCommitted, byTopicId, onlyChanges }: FetchLimits,
): FetchAnswer {
  const found: FetchAnswer = {
    ...{ partitions: [], logs: [], bytes: 0, records: 0, isFinal: false, leaders: null },
  };
  for (const asked of all) {
    const topic = byTopicId ? topics.byId(asked.topicId) : topics.get(asked.topic);
    const log = topic?.partitions[asked.partition];
    if (!log) {
      const isUnknownId = !topic && byTopicId && asked.topicId !== NIL_UUID;
      const answer = failed(asked, isUnknownId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION', []);
      found.partitions.push({ asked, answer });
      found.isFinal = true;
      continue;
    }
    const problem = log.leadership.problemAt(nodeId, asked.currentLeaderEpoch, servedBy);
    if (problem) {
      const answer = failed(asked, problem, null);
      // Of an epoch to come there is nothing to tell.
      if (problem !== 'UNKNOWN_LEADER_EPOCH') {
        answer.currentLeader = log.leadership.current;
        found.leaders ??= new Set();
        found.leaders.add(answer.currentLeader.leaderId);
      }
      found.partitions.push({ asked, answer });
      found.isFinal = true;
      continue;
    }
    if (asked.fetchOffset < log.startOffset || asked.fetchOffset > log.highWatermark) {
      found.partitions.push({ asked, answer: failed(asked, 'OFFSET_OUT_OF_RANGE', null) });
      found.isFinal = true;
      continue;
    }
    found.logs.push(log);
    const left = maxBytes - found.bytes;
    const records =
      left > 0
        ? read(log, asked, Math.min(left, asked.partitionMaxBytes), isCommitted, found.bytes)
        : NO_RECORDS;
    const { highWatermark, lastStableOffset, startOffset: logStartOffset } = log;
    if (
      onlyChanges &&
      records.length === 0 &&
      highWatermark === asked.highWatermark &&
      logStartOffset === asked.logStartOffset
    ) {
      continue;
    }
    found.bytes += records.length;
    found.records += recordsIn(records);
    const abortedTransactions = isCommitted ? abortedIn(log, asked.fetchOffset, records) : null;
    const answer = { partitionIndex: asked.partition, errorCode: 0, highWatermark, lastStableOffset };
    found.partitions.push({ asked, answer: { ...answer, logStartOffset, abortedTransactions, records } });
  }
  if (found.partitions.length === 0 && found.logs.length === 0) found.isFinal = true;
  return found;
}

function failed(
  { partition }: AskedPartition,
  error: Parameters<typeof codeOf>[0],
  abortedTransactions: Aborted[] | null,
): ReadPartition {
  const unknown = { highWatermark: -1, lastStableOffset: -1, logStartOffset: -1 };
  return {
    partitionIndex: partition,
    errorCode: codeOf(error),
    ...unknown,
    abortedTransactions,
    records: NO_RECORDS,
  };
}

function read(
  log: PartitionLog,
  { fetchOffset }: AskedPartition,
  limit: number,
  isCommitted: boolean,
  bytesBefore: number,
): Buffer {
  const endOffset = isCommitted ? log.lastStableOffset : log.highWatermark;
  if (fetchOffset >= endOffset) return NO_RECORDS;
  const records = log.log.read(fetchOffset, limit) ?? NO_RECORDS;
  // KIP-74: only the first batch of an answer may be larger than what was asked for.
  if (records.length > limit && bytesBefore > 0) return NO_RECORDS;
  return endOffset < log.highWatermark ? before(records, endOffset) : records;
}

/** The batches before an offset, at which one begins. */
function before(batches: Buffer, endOffset: number): Buffer {
  let at = 0;
  for (; at < batches.length; ) {
    const batch = new RecordBatch(batches, at);
    if (batch.baseOffset >= endOffset) break;
    at = batch.end;
  }
  return batches.subarray(0, at);
}

function abortedIn({ producers }: PartitionLog, fetchOffset: number, batches: Buffer): Aborted[] {
  if (producers.aborted.all.length === 0 || batches.length === 0) return [];
  let endOffset = fetchOffset;
  for (let at = 0; at < batches.length; ) {
    const batch = new RecordBatch(batches, at);
    endOffset = batch.nextOffset;
    at = batch.end;
  }
  return producers.aborted.overlapping(fetchOffset, endOffset);
}

/** Of whole batches; only their headers are read. */
function recordsIn(batches: Buffer): number {
  let count = 0;
  for (let at = 0; at < batches.length; ) {
    const batch = new RecordBatch(batches, at);
    count += batch.recordCount;
    at = batch.end;
  }
  return count;
}
