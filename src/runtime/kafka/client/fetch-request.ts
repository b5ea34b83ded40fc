import type { FetcherOptions } from '../port.ts';
import { type Asked, type Assignment, partitionName } from './assignments.ts';

/** A request for the partitions from where they are, and what it asked for by name. */
export function fetchRequest(assignments: readonly Assignment[], options: Required<FetcherOptions>) {
  const { maxWaitMs, minBytes, maxBytes, maxPartitionBytes, isolation } = options;
  const asked = new Map<string, Asked>();
  const topics = new Map<string, { partition: number; fetchOffset: number; partitionMaxBytes: number }[]>();
  for (const assignment of assignments) {
    const { topic, partition, position } = assignment;
    asked.set(partitionName(topic, partition), { assignment, offset: position });
    const entry = { partition, fetchOffset: position, partitionMaxBytes: maxPartitionBytes };
    const entries = topics.get(topic);
    if (entries) entries.push(entry);
    else topics.set(topic, [entry]);
  }
  const body = {
    ...{ maxWaitMs, minBytes, maxBytes },
    isolationLevel: isolation === 'read_committed' ? 1 : 0,
    topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })),
  };
  return { asked, body };
}
