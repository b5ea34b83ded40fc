import { DdsError } from '../../../errors/index.ts';
import type { Kafka, TopicPartition } from '../../kafka/index.ts';
import type { StateStore } from '../stores/state-store.ts';
import { sourceHeader } from './live-task.ts';

export interface RestoreOptions {
  /** Changelogs that had records when the positions were committed. */
  written?: readonly string[];
  /** Told after each fetch: records taken back, and how many offsets are left. */
  onProgress?: (restored: number, left: number) => void;
}

/**
 * Reads changelogs to their ends as these are now. The end is judged by position: a log may end in markers or gaps. It is that of
 * all that is written (KAFKA-10167): a transaction that is open is waited for, and left out when it was aborted. Changes of work
 * that was not committed are left out, too: it is done again.
 *
 * @param stores by changelog topic
 * @param committed next offset by source topic; null takes every change
 */
export async function restoreStores(
  kafka: Kafka,
  stores: ReadonlyMap<string, StateStore>,
  partition: number,
  committed: ReadonlyMap<string, number> | null,
  signal: AbortSignal,
  { written = [], onProgress }: RestoreOptions = {},
): Promise<number> {
  if (stores.size === 0) return 0;
  const partitions: TopicPartition[] = [...stores.keys()].map((topic) => ({ topic, partition }));
  const admin = kafka.admin();
  const [starts, ends] = await Promise.all([
    admin.offsets(partitions, 'earliest'),
    admin.offsets(partitions, 'latest'),
  ]);
  const gone = partitions.find(({ topic }, at) => ends[at] === 0 && written.includes(topic));
  if (gone) {
    throw new DdsError(
      'DDS_STREAMS_STATE',
      `the changelog ${gone.topic}/${partition} is empty, but the job had written it: it was deleted`,
    );
  }
  const open = new Map<string, number>();
  let left = ends.reduce((sum, end, at) => sum + Math.max(0, end - starts[at]!), 0);
  const fetcher = kafka.fetcher();
  partitions.forEach(({ topic }, at) => {
    if (starts[at]! >= ends[at]!) return;
    open.set(topic, ends[at]!);
    fetcher.seek(topic, partition, starts[at]!);
  });
  let restored = 0;
  try {
    while (open.size > 0) {
      signal.throwIfAborted();
      const { partitions: fetched, problems } = await fetcher.poll(500, signal);
      for (const { error } of problems) throw error;
      for (const { topic, records, fetchOffset, nextOffset } of fetched) {
        left -= nextOffset - fetchOffset;
        const store = stores.get(topic)!;
        while (records.next()) {
          const key = records.key();
          if (!key || (committed && isUncommitted(records.header(sourceHeader), committed))) continue;
          const value = records.value();
          store.restore(Buffer.from(key), value && Buffer.from(value), records.timestamp);
          restored++;
        }
        if (nextOffset < (open.get(topic) ?? 0)) continue;
        open.delete(topic);
        fetcher.remove(topic, partition);
      }
      onProgress?.(restored, left);
    }
  } finally {
    await fetcher.close();
  }
  return restored;
}

function isUncommitted(header: Buffer | null | undefined, committed: ReadonlyMap<string, number>): boolean {
  if (!header) return false;
  const positions = JSON.parse(header.toString()) as Record<string, number>;
  return Object.entries(positions).some(([topic, next]) => next > Math.max(0, committed.get(topic) ?? 0));
}
