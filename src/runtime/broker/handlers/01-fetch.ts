import {
  codeOf,
  fetch,
  NIL_UUID,
  RecordBatch,
  type RequestOf,
  type ResponseInput,
} from '../../protocol/index.ts';
import type { Aborted } from '../state/aborted-transactions.ts';
import type { BrokerState } from '../state/broker-state.ts';
import { FetchWait } from '../state/fetch-wait.ts';
import type { PartitionLog } from '../state/partition-log.ts';
import { handler } from './handler.ts';

type Request = RequestOf<typeof fetch>;
type Response = ResponseInput<typeof fetch>;
type RequestedPartition = Request['topics'][number]['partitions'][number];

/** Only what belongs to no open or aborted transaction is shown. */
const READ_COMMITTED = 1;
const NO_RECORDS = Buffer.alloc(0);

/**
 * Fetch 4–17: whole batches as they were produced, from the one that holds the offset; waits for min bytes until max
 * wait; with read_committed up to the last stable offset, and the aborted transactions in it. Left out: incremental sessions (every answer has session id 0, so clients send full requests), followers.
 */
export const fetchHandler = handler(
  fetch,
  (request, { broker, version, onClose }) => {
    if (request.sessionId !== 0) return failedAsAWhole('FETCH_SESSION_ID_NOT_FOUND');
    const first = readAll(broker, request, version);
    if (first.isFinal || first.bytes >= request.minBytes || request.maxWaitMs <= 0)
      return finish(broker, first);
    const isCommitted = request.isolationLevel === READ_COMMITTED;
    const wait = new FetchWait(first.logs, request.minBytes - first.bytes, request.maxWaitMs, isCommitted);
    const forget = onClose(() => wait.end());
    return wait.done.then(() => {
      forget();
      return finish(broker, readAll(broker, request, version));
    });
  },
  { leftOut: 'incremental fetch sessions (KIP-227): every answer is a full one; reads by followers' },
);

interface ReadResult {
  response: Response;
  logs: PartitionLog[];
  bytes: number;
  records: number;
  /** An error is told at once. */
  isFinal: boolean;
}

function readAll({ topics, configs }: BrokerState, request: Request, version: number): ReadResult {
  let left = Math.min(request.maxBytes, configs.number('fetch.max.bytes'));
  const result: ReadResult = { response: { responses: [] }, logs: [], bytes: 0, records: 0, isFinal: false };
  const isCommitted = request.isolationLevel === READ_COMMITTED;
  const failed = (partition: number, error: Parameters<typeof codeOf>[0], log?: PartitionLog) => {
    result.isFinal = true;
    const offsets = log ? offsetsOf(log) : { highWatermark: -1 };
    return { partitionIndex: partition, errorCode: codeOf(error), ...offsets, records: NO_RECORDS };
  };
  const read = (log: PartitionLog, { partition, fetchOffset, partitionMaxBytes }: RequestedPartition) => {
    if (fetchOffset < log.startOffset || fetchOffset > log.highWatermark) {
      return failed(partition, 'OFFSET_OUT_OF_RANGE', log);
    }
    result.logs.push(log);
    let records = NO_RECORDS as Buffer;
    const endOffset = isCommitted ? log.lastStableOffset : log.highWatermark;
    if (left > 0 && fetchOffset < endOffset) {
      const chunks = log.log.read(fetchOffset, Math.min(left, partitionMaxBytes));
      records = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
      // KIP-74: only the first batch of an answer may be larger than what was asked for.
      if (records.length > Math.min(left, partitionMaxBytes) && result.bytes > 0) records = NO_RECORDS;
    }
    if (endOffset < log.highWatermark) records = before(records, endOffset);
    left -= records.length;
    result.records += recordsIn(records);
    result.bytes += records.length;
    const abortedTransactions = isCommitted ? abortedIn(log, fetchOffset, records) : null;
    return { partitionIndex: partition, errorCode: 0, ...offsetsOf(log), abortedTransactions, records };
  };
  result.response = {
    responses: request.topics.map(({ topic: name, topicId, partitions }) => {
      const topic = version >= 13 ? topics.byId(topicId) : topics.get(name);
      const unknown =
        version >= 13 && topicId !== NIL_UUID ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION';
      return {
        topic: topic?.name ?? name,
        topicId,
        partitions: partitions.map((requested) => {
          const log = topic?.partitions[requested.partition];
          if (log) return read(log, requested);
          return failed(requested.partition, topic ? 'UNKNOWN_TOPIC_OR_PARTITION' : unknown);
        }),
      };
    }),
  };
  return result;
}

function offsetsOf(log: PartitionLog) {
  const { highWatermark, lastStableOffset, startOffset } = log;
  return { highWatermark, lastStableOffset, logStartOffset: startOffset };
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

function finish({ traffic }: BrokerState, { response, bytes, records }: ReadResult): Response {
  traffic.bytesOut += bytes;
  traffic.recordsOut += records;
  return response;
}

function failedAsAWhole(error: Parameters<typeof codeOf>[0]): Response {
  return { errorCode: codeOf(error), responses: [] };
}
