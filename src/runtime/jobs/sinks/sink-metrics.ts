import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { lagRecords, lagSeconds, type PartitionStats } from './partition-stats.ts';
import type { Sink } from './sink.ts';

const labelNames = ['topic', 'partition'] as const;

/** Prometheus' view of a sink; the values are taken when they are asked for. */
export function sinkMetrics(sink: Sink): Registry {
  const register = new Registry();
  register.setDefaultLabels({ site: sink.options.site });
  const registers = [register];
  const counter = (name: string, help: string, value: (stats: PartitionStats) => number) =>
    new Counter({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const stats of sink.partitions()) this.inc(labelsOf(stats), value(stats));
      },
    });
  const gauge = (name: string, help: string, value: (stats: PartitionStats) => number) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        this.reset();
        for (const stats of sink.partitions()) this.set(labelsOf(stats), value(stats));
      },
    });
  counter('dds_sink_rows_total', 'Records stored.', (stats) => stats.rows);
  counter('dds_sink_bytes_total', 'Bytes of records read.', (stats) => stats.bytes);
  counter(
    'dds_sink_duplicates_total',
    'Records of a relay that were stored before.',
    (stats) => stats.duplicates,
  );
  counter('dds_sink_dead_letters_total', 'Records that cannot be stored.', (stats) => stats.deadLetters);
  counter('dds_sink_lost_records_total', 'Records removed before they were stored.', (stats) => stats.lost);
  gauge('dds_sink_lag_records', 'Records not stored yet.', lagRecords);
  gauge('dds_sink_lag_seconds', 'Age of the last stored record while others wait.', (stats) =>
    lagSeconds(stats, sink.now()),
  );
  new Gauge({
    name: 'dds_sink_paused',
    help: '1 while the sink cannot store or read.',
    registers,
    collect() {
      this.set(sink.trouble() === null ? 0 : 1);
    },
  });
  const commit = new Histogram({
    name: 'dds_sink_commit_seconds',
    help: 'Duration of a transaction’s commit.',
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  sink.writer.onCommit = (seconds) => commit.observe(seconds);
  return register;
}

function labelsOf({ progress }: PartitionStats): { topic: string; partition: string } {
  return { topic: progress.topic, partition: String(progress.partition) };
}
