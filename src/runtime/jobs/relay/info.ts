import type { SourceTopic } from './source-partition.ts';
import type { SourceRelay } from './source-relay.ts';
import type { HoldInfo, RelaySourceInfo, RelayTopicInfo } from './types.ts';

/** What a relay tells of one source. */
export function sourceInfo(relay: SourceRelay, nowMs: number): RelaySourceInfo {
  const { past } = relay.topics;
  const topics: RelayTopicInfo[] = [];
  const held: HoldInfo[] = [];
  let { relayedRecords, relayedBytes, lostRecords } = past;
  for (const topic of relay.topics.all()) {
    topics.push(topicInfo(topic, nowMs));
    for (const one of topic.partitions) {
      if (!one) continue;
      relayedRecords += one.relayedRecords;
      relayedBytes += one.relayedBytes;
      lostRecords += one.lostRecords;
      if (one.hold) held.push(one.hold);
    }
  }
  return {
    source: relay.spec.site,
    state: relay.state,
    error: relay.topics.error ?? relay.unreachable?.message ?? null,
    relayedRecords,
    relayedBytes,
    lostRecords,
    pendingRecords: relay.producer.pendingRecords,
    lagRecords: topics.reduce((sum, topic) => sum + topic.lagRecords, 0),
    lagSeconds: topics.reduce((most, topic) => Math.max(most, topic.lagSeconds), 0),
    lastProgressAt: relay.lastProgressMs < 0 ? null : new Date(relay.lastProgressMs).toISOString(),
    held,
    topics,
  };
}

function topicInfo(topic: SourceTopic, nowMs: number): RelayTopicInfo {
  const info = { topic: topic.name, partitions: 0, relayedRecords: 0, lagRecords: 0, lagSeconds: 0 };
  for (const one of topic.partitions) {
    if (!one) continue;
    info.partitions++;
    info.relayedRecords += one.relayedRecords;
    info.lagRecords += one.lagRecords;
    info.lagSeconds = Math.max(info.lagSeconds, Math.round(one.lagSeconds(nowMs) * 1000) / 1000);
  }
  return info;
}
