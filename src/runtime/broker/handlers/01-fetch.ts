import { codeOf, fetch, type RequestOf, type ResponseInput } from '../../protocol/index.ts';
import { giveBack } from '../memory.ts';
import { type FetchAnswer, type FetchLimits, readPartitions } from '../state/fetch-read.ts';
import type { AskedPartition, FetchContext } from '../state/fetch-sessions.ts';
import { FetchWait } from '../state/fetch-wait.ts';
import { handler, type RequestContext } from './handler.ts';
import { leaderEndpoints } from './leaders.ts';

type Request = RequestOf<typeof fetch>;
type Response = ResponseInput<typeof fetch>;

/** Only what belongs to no open or aborted transaction is shown. */
const READ_COMMITTED = 1;
/** From this version on consumers may read from followers (KIP-392). */
const FOLLOWERS = 11;
/** From this version on topics are named by their ids alone (KIP-516). */
const TOPIC_IDS = 13;

/**
 * Fetch 4–18: whole batches as they were produced, from the one that holds the offset; waits for min bytes until max
 * wait; with read_committed up to the last stable offset, and the aborted transactions in it; in a session (KIP-227) only
 * the partitions of which there is something new. Left out: followers that copy.
 */
export const fetchHandler = handler(
  fetch,
  (request, asking) => {
    const { broker, endpoint, version, onClose } = asking;
    const context = broker.fetchSessions.enter({
      sessionId: request.sessionId,
      sessionEpoch: request.sessionEpoch,
      usesTopicIds: version >= TOPIC_IDS,
      partitions: request.topics.flatMap(partitionsOf),
      forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions }) =>
        partitions.map((partition) => ({ topic, topicId, partition })),
      ),
    });
    if (typeof context === 'string') return failedAsAWhole(context);
    const limits: FetchLimits = {
      nodeId: endpoint.nodeId,
      servedBy: version >= FOLLOWERS ? 'isr' : 'leader',
      maxBytes: Math.min(request.maxBytes, broker.configs.number('fetch.max.bytes')),
      isCommitted: request.isolationLevel === READ_COMMITTED,
      byTopicId: version >= TOPIC_IDS,
      onlyChanges: context.kind === 'incremental',
    };
    const asked = () =>
      context.kind === 'incremental' ? context.session.partitions.values() : context.partitions.values();
    const first = readPartitions(broker.topics, asked(), limits);
    if (first.isFinal || first.bytes >= request.minBytes || request.maxWaitMs <= 0)
      return finish(asking, context, first);
    const missingBytes = request.minBytes - first.bytes;
    const wait = new FetchWait(first.logs, missingBytes, request.maxWaitMs, limits.isCommitted);
    const forget = onClose(() => wait.end());
    return wait.done.then(() => {
      forget();
      return finish(asking, context, readPartitions(broker.topics, asked(), limits));
    });
  },
  { leftOut: 'reads by followers that copy; replicas chosen by rack (KIP-392)' },
);

function partitionsOf({ topic, topicId, partitions }: Request['topics'][number]): AskedPartition[] {
  return partitions.map((each) => ({
    topic,
    topicId,
    partition: each.partition,
    fetchOffset: each.fetchOffset,
    partitionMaxBytes: each.partitionMaxBytes,
    currentLeaderEpoch: each.currentLeaderEpoch,
    lastFetchedEpoch: each.lastFetchedEpoch,
    highWatermark: -1,
    logStartOffset: -1,
  }));
}

/** What was read becomes the answer, and the session remembers what its client is told by it. */
function finish(asking: RequestContext, context: FetchContext, read: FetchAnswer): Response {
  const { traffic, fetchSessions } = asking.broker;
  if (context.kind === 'incremental' && context.session.epoch !== context.epoch) {
    // Another fetch of the session came on another connection while this one waited.
    return { ...failedAsAWhole('INVALID_FETCH_SESSION_EPOCH'), sessionId: context.session.id };
  }
  const session =
    context.kind === 'opening'
      ? fetchSessions.open(context.partitions, context.usesTopicIds)
      : context.kind === 'incremental'
        ? context.session
        : null;
  traffic.bytesOut += read.bytes;
  traffic.recordsOut += read.records;
  const responses: Response['responses'][number][] = [];
  let partitions: Response['responses'][number]['partitions'][number][] = [];
  for (const { asked, answer } of read.partitions) {
    const { errorCode, highWatermark, logStartOffset, records } = answer;
    asked.highWatermark = errorCode === 0 ? highWatermark : -1;
    asked.logStartOffset = logStartOffset;
    if (context.kind === 'incremental' && records.length > 0) context.session.moveToEnd(asked);
    const last = responses.at(-1);
    if (!last || last.topic !== asked.topic || last.topicId !== asked.topicId) {
      partitions = [];
      responses.push({ topic: asked.topic, topicId: asked.topicId, partitions });
    }
    partitions.push(answer);
  }
  const nodeEndpoints = leaderEndpoints(asking, read.leaders);
  asking.onSent(() => {
    for (const { answer } of read.partitions) giveBack(answer.records);
  });
  return { sessionId: session?.id ?? 0, responses, nodeEndpoints };
}

function failedAsAWhole(error: Parameters<typeof codeOf>[0]): Response {
  return { errorCode: codeOf(error), responses: [] };
}
