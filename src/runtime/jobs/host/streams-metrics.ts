import { Counter, Gauge, type Registry } from 'prom-client';
import type { StreamsInfo } from '../../streams/index.ts';

type Sample = [labels: Record<string, string>, value: number];

/** Prometheus' view of a stream job; the values are taken when they are asked for. */
export function streamsMetrics(register: Registry, info: () => StreamsInfo): void {
  const registers = [register];
  const counter = (name: string, help: string, labelNames: string[], read: (now: StreamsInfo) => Sample[]) =>
    new Counter({
      ...{ name: `dds_streams_${name}`, help, labelNames, registers },
      collect() {
        this.reset();
        for (const [labels, value] of read(info())) this.inc(labels, value);
      },
    });
  const gauge = (name: string, help: string, labelNames: string[], read: (now: StreamsInfo) => Sample[]) =>
    new Gauge({
      ...{ name: `dds_streams_${name}`, help, labelNames, registers },
      collect() {
        this.reset();
        for (const [labels, value] of read(info())) this.set(labels, value);
      },
    });
  const tasks = (read: (task: StreamsInfo['tasks'][number]) => number) => (now: StreamsInfo) =>
    now.tasks.map((one): Sample => [{ task: one.task }, read(one)]);
  const stores = (read: (store: { rows: number; bytes: number }) => number) => (now: StreamsInfo) =>
    now.tasks.flatMap(({ task, stores }) =>
      stores.map((one): Sample => [{ task, store: one.store }, read(one)]),
    );
  counter(
    'records_total',
    'Records worked on.',
    ['task'],
    tasks(({ processed }) => processed),
  );
  counter('dropped_total', 'Records left out.', ['task', 'reason'], (now) =>
    now.tasks.flatMap(({ task, drops }) =>
      Object.entries(drops).map(([reason, count]): Sample => [{ task, reason }, count]),
    ),
  );
  counter('failed_total', 'Records that failed.', ['stage'], (now) =>
    Object.entries(now.failed).map(([stage, count]): Sample => [{ stage }, count]),
  );
  counter('dead_letters_total', 'Records sent to a dead-letter topic.', [], (now) => [[{}, now.deadLetters]]);
  gauge(
    'lag_records',
    'Records still to come.',
    ['task'],
    tasks(({ lagRecords }) => lagRecords),
  );
  gauge('latency_seconds', 'From the time of the newest record to its commit.', [], (now) =>
    now.latencyMs === null ? [] : [[{}, now.latencyMs / 1000]],
  );
  gauge('restoring_records', 'Offsets of changelogs still to be read back.', ['task'], (now) =>
    now.restoring.map(({ task, left }): Sample => [{ task }, left]),
  );
  gauge(
    'state_rows',
    'Rows of a store.',
    ['task', 'store'],
    stores(({ rows }) => rows),
  );
  gauge(
    'state_bytes',
    'Estimate of the memory of a store.',
    ['task', 'store'],
    stores(({ bytes }) => bytes),
  );
}
