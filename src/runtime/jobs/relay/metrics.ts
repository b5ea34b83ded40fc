import { Counter, Gauge, type Registry } from 'prom-client';
import type { PartitionCounts } from './partition-counts.ts';
import type { SourcePartition } from './source-partition.ts';
import type { SourceRelay } from './source-relay.ts';
import type { SourceState } from './types.ts';

const states: readonly SourceState[] = ['starting', 'connected', 'unreachable', 'stalled'];

/** Registers the relay's metrics. They are read from its state when asked for, so the hot path knows nothing of them. */
export function registerRelayMetrics(
  register: Registry,
  sources: readonly SourceRelay[],
  now: () => number,
): void {
  const labelNames = ['source', 'topic', 'partition'] as const;
  const counters: [name: string, help: string, read: (counts: PartitionCounts) => number][] = [
    ['dds_relay_records_total', 'Records that are at the target for good', (one) => one.relayedRecords],
    ['dds_relay_bytes_total', 'Bytes of the records read and sent', (one) => one.relayedBytes],
    [
      'dds_relay_lost_records_total',
      'Records the source deleted before they were relayed',
      (one) => one.lostRecords,
    ],
    [
      'dds_relay_looped_records_total',
      'Records left out because they were at the target before',
      (one) => one.loopedRecords,
    ],
    ['dds_relay_dead_letters_total', 'Records put into a dead-letter topic', (one) => one.deadLetters],
  ];
  for (const [name, help, read] of counters) {
    new Counter({
      name,
      help,
      labelNames,
      registers: [register],
      collect() {
        this.reset();
        forEachCount(sources, (labels, counts) => this.inc(labels, read(counts)));
      },
    });
  }
  new Counter({
    name: 'dds_relay_errors_total',
    help: 'How often a partition had to stop, by reason',
    labelNames: [...labelNames, 'reason'],
    registers: [register],
    collect() {
      this.reset();
      forEachCount(sources, (labels, { errors }) => {
        for (const [reason, count] of errors) this.inc({ ...labels, reason }, count);
      });
    },
  });
  const gauges: [name: string, help: string, read: (partition: SourcePartition) => number][] = [
    [
      'dds_relay_lag_records',
      'Records at the source that the target has not acknowledged',
      (one) => one.lagRecords,
    ],
    ['dds_relay_lag_seconds', 'How far the target is behind in time', (one) => one.lagSeconds(now())],
    [
      'dds_relay_position',
      'Source offset below which everything is acknowledged',
      (one) => one.tracker.position,
    ],
    ['dds_relay_held', '1 while the partition stands still because of an error', (one) => (one.hold ? 1 : 0)],
  ];
  for (const [name, help, read] of gauges) {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [register],
      collect() {
        this.reset();
        forEach(sources, (labels, one) => this.set(labels, read(one)));
      },
    });
  }
  new Gauge({
    name: 'dds_relay_source_state',
    help: '1 for the state that the source is in',
    labelNames: ['source', 'state'],
    registers: [register],
    collect() {
      for (const { spec, state: current } of sources) {
        for (const state of states) this.set({ source: spec.site, state }, state === current ? 1 : 0);
      }
    },
  });
  new Gauge({
    name: 'dds_relay_last_progress_seconds',
    help: 'Unix time when records got to the target last',
    labelNames,
    registers: [register],
    collect() {
      this.reset();
      forEach(sources, (labels, { lastProgressMs }) => {
        if (lastProgressMs >= 0) this.set(labels, lastProgressMs / 1000);
      });
    },
  });
}

function forEach(
  sources: readonly SourceRelay[],
  visit: (labels: Record<string, string | number>, partition: SourcePartition) => void,
): void {
  for (const { spec, topics } of sources) {
    for (const one of topics.partitions())
      visit({ source: spec.site, topic: one.topic.name, partition: one.partition }, one);
  }
}

function forEachCount(
  sources: readonly SourceRelay[],
  visit: (labels: Record<string, string | number>, counts: PartitionCounts) => void,
): void {
  for (const { spec, topics } of sources) {
    for (const { topic, partition, counts } of topics.counts.all())
      visit({ source: spec.site, topic, partition }, counts);
  }
}
