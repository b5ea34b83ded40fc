import { lagRecords, lagSeconds } from './partition-stats.ts';
import type { Sink } from './sink.ts';
import type { SinkInfo, TopicInfo } from './sink-types.ts';

/** Sums a sink up, partition by partition and topic by topic. */
export function sinkInfo(sink: Sink): SinkInfo {
  const partitions = sink.partitions();
  const now = sink.now();
  const topics = new Map<string, TopicInfo>();
  for (const stats of partitions) {
    const { topic } = stats.progress;
    const sum = topics.get(topic) ?? emptyTopic(topic, tableOf(sink, topic));
    topics.set(topic, sum);
    sum.rows += stats.rows;
    sum.bytes += stats.bytes;
    sum.duplicates += stats.duplicates;
    sum.deadLetters += stats.deadLetters;
    sum.lost += stats.lost;
    sum.lagRecords += lagRecords(stats);
    sum.lagSeconds = Math.max(sum.lagSeconds, lagSeconds(stats, now));
  }
  const all = [...topics.values()];
  const total = (field: 'rows' | 'duplicates' | 'deadLetters' | 'lost' | 'lagRecords') =>
    all.reduce((sum, topic) => sum + topic[field], 0);
  return {
    kind: 'sink',
    site: sink.options.site,
    store: sink.store.info,
    state: sink.state,
    trouble: sink.trouble(),
    unreachable: sink.unreachable?.message.split('\n')[0] ?? null,
    partitions: partitions.length,
    rows: total('rows'),
    duplicates: total('duplicates'),
    deadLetters: total('deadLetters'),
    lost: total('lost'),
    lagRecords: total('lagRecords'),
    lagSeconds: Math.max(0, ...all.map((topic) => topic.lagSeconds)),
    commits: sink.writer.commits,
    latency: sink.latency.summary(),
    topics: all,
  };
}

function emptyTopic(topic: string, table: string | null): TopicInfo {
  return {
    topic,
    table,
    rows: 0,
    bytes: 0,
    duplicates: 0,
    deadLetters: 0,
    lost: 0,
    lagRecords: 0,
    lagSeconds: 0,
  };
}

function tableOf(sink: Sink, topic: string): string | null {
  const table = sink.store.tables.get(topic);
  return table?.exists ? table.name : null;
}
