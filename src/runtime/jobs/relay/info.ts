import type { SourceTopic } from './source-partition.ts';
import type { SourceRelay } from './source-relay.ts';
import type { HoldInfo, RelaySourceInfo, RelayTopicInfo } from './types.ts';

/** What a relay tells of one source. */
export function sourceInfo(relay: SourceRelay, nowMs: number): RelaySourceInfo {
  const topics: RelayTopicInfo[] = [];
  const held: HoldInfo[] = [];
  const sum = { relayedRecords: 0, relayedBytes: 0, lostRecords: 0, deadLetters: 0 };
  for (const topic of relay.topics.all()) topics.push(topicInfo(topic, nowMs));
  for (const { hold } of relay.topics.partitions()) if (hold) held.push(hold);
  for (const { counts } of relay.topics.counts.all()) {
    sum.relayedRecords += counts.relayedRecords;
    sum.relayedBytes += counts.relayedBytes;
    sum.lostRecords += counts.lostRecords;
    sum.deadLetters += counts.deadLetters;
  }
  return {
    source: relay.spec.site,
    state: relay.state,
    error: relay.topics.source.error ?? relay.unreachable?.message ?? null,
    ...sum,
    pendingRecords: relay.pendingRecords,
    lagRecords: topics.reduce((all, topic) => all + topic.lagRecords, 0),
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
    info.relayedRecords += one.counts.relayedRecords;
    info.lagRecords += one.lagRecords;
    info.lagSeconds = Math.max(info.lagSeconds, Math.round(one.lagSeconds(nowMs) * 1000) / 1000);
  }
  return info;
}
