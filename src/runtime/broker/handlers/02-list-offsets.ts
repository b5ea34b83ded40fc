import {
  codeOf,
  EARLIEST_TIMESTAMP,
  LATEST_TIMESTAMP,
  listOffsets,
  MAX_TIMESTAMP,
} from '../../protocol/index.ts';
import type { PartitionLog, TimedOffset } from '../state/partition-log.ts';
import { handler } from './handler.ts';

const READ_COMMITTED = 1;
/** Local log start and tiered storage (KIP-405, KIP-1005): everything is local, so they equal earliest and none. */
const EARLIEST_LOCAL_TIMESTAMP = -4;
const LATEST_TIERED_TIMESTAMP = -5;
/** KIP-1023: nothing waits for an upload. */
const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6;

/** The version from which on each special time can be asked for. */
const since: Readonly<Record<number, number>> = {
  [LATEST_TIMESTAMP]: 0,
  [EARLIEST_TIMESTAMP]: 0,
  [MAX_TIMESTAMP]: 7,
  [EARLIEST_LOCAL_TIMESTAMP]: 8,
  [LATEST_TIERED_TIMESTAMP]: 9,
  [EARLIEST_PENDING_UPLOAD_TIMESTAMP]: 11,
};

/** ListOffsets 1–11: by time (searched in the time index), earliest, latest, highest time (KIP-734); with read_committed up to the last stable offset. */
export const listOffsetsHandler = handler(listOffsets, (request, { broker, endpoint, version }) => ({
  topics: request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
      const log = broker.topics.partition(name, partitionIndex);
      if (!log) return { partitionIndex, errorCode: codeOf('UNKNOWN_TOPIC_OR_PARTITION') };
      const problem = log.leadership.problemAt(endpoint.nodeId, currentLeaderEpoch);
      if (problem) return { partitionIndex, errorCode: codeOf(problem) };
      const from = timestamp >= 0 ? 0 : (since[timestamp] ?? Number.POSITIVE_INFINITY);
      if (version < from) return { partitionIndex, errorCode: codeOf('UNSUPPORTED_VERSION') };
      const end = request.isolationLevel === READ_COMMITTED ? log.lastStableOffset : log.highWatermark;
      const found = find(log, timestamp, end);
      const leaderEpoch = found ? log.leadership.epochAt(found.offset) : -1;
      return { partitionIndex, errorCode: 0, leaderEpoch, ...found };
    }),
  })),
}));

/** What is at or after `end` is not told. */
function find(log: PartitionLog, timestamp: number, end: number): TimedOffset | null {
  const visible = (found: TimedOffset | null) => (found && found.offset < end ? found : null);
  switch (timestamp) {
    case LATEST_TIMESTAMP:
      return { offset: end, timestamp: -1 };
    case EARLIEST_TIMESTAMP:
    case EARLIEST_LOCAL_TIMESTAMP:
      return { offset: log.startOffset, timestamp: -1 };
    case MAX_TIMESTAMP:
      return visible(log.maxTimestamp());
    case LATEST_TIERED_TIMESTAMP:
    case EARLIEST_PENDING_UPLOAD_TIMESTAMP:
      return null;
    default:
      return visible(log.offsetForTime(timestamp));
  }
}
