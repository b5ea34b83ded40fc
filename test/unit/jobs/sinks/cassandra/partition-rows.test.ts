import { expect, test } from 'vitest';
import { BatchWriter } from '../../../../../src/runtime/jobs/sinks/cassandra/batch-writer.ts';
import { PartitionRows } from '../../../../../src/runtime/jobs/sinks/cassandra/partition-rows.ts';
import type { CassandraSession } from '../../../../../src/runtime/jobs/sinks/cassandra/session.ts';
import { ownNames } from '../../../../../src/runtime/jobs/sinks/cassandra/table.ts';
import { Progress } from '../../../../../src/runtime/jobs/sinks/progress.ts';
import { TopicTable } from '../../../../../src/runtime/jobs/sinks/topic-table.ts';
import { systemClock } from '../../../../../src/shared/clock.ts';

/** None of these rows is sent: they wait for others of their batch. */
const unused = new BatchWriter(undefined as unknown as CassandraSession, systemClock);

test.each(['append', 'latest'] as const)(
  'a record that is small in Avro is too large when its row is (%s)',
  (mode) => {
    const own = [...ownNames[mode].before, ...ownNames[mode].behind];
    const columns = [
      { field: 'parts', name: 'parts', sql: 'text' },
      ...own.map((column) => ({ ...column, field: null })),
    ];
    const table = new TopicTable('parts', 'parts', mode, columns);
    const rows = new PartitionRows(table, { idColumn: '_key', bucketMs: 1000 }, unused);
    const append = (rowBytes: number, bytes: number) =>
      rows.append([Buffer.alloc(rowBytes), ...own.map(() => null)], {
        ...{ key: 'k', site: 'edge-1', offset: 0, timestampMs: 1, measuredMs: 1, latencyMs: 0, bytes },
        progress: new Progress().partition('parts', 0),
      });
    expect(append(1000, 100)).toBeNull();
    expect(append(9 << 20, 500_000)).toBe('9437184 bytes are too many for a row of Cassandra');
  },
);
