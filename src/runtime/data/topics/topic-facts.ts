import type { Admin, TopicDescription } from '../../kafka/index.ts';

export interface PartitionFacts {
  partition: number;
  /** Node id; -1 when there is none. */
  leader: number;
  replicas: number[];
  isr: number[];
  /** First offset that the log still has. */
  start: number;
  /** Offset of the next record. */
  end: number;
  /** On disk, over all replicas; null where the cluster does not tell. */
  bytes: number | null;
}

/** Offsets and sizes of every partition, by topic. */
export async function readFacts(
  admin: Admin,
  topics: readonly TopicDescription[],
): Promise<Map<string, PartitionFacts[]>> {
  const all = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition }) => ({ topic: name, partition })),
  );
  const [starts, ends, sizes] = await Promise.all([
    admin.offsets(all, 'earliest'),
    admin.offsets(all, 'latest'),
    admin.partitionSizes(topics.map(({ name }) => name)),
  ]);
  const bytes = new Map(sizes.map((size) => [`${size.partition}/${size.topic}`, size.bytes]));
  let at = 0;
  return new Map(
    topics.map(({ name, partitions }) => [
      name,
      partitions.map((described) => {
        const facts = { ...described, start: starts[at]!, end: ends[at]! };
        at++;
        return { ...facts, bytes: bytes.get(`${described.partition}/${name}`) ?? null };
      }),
    ]),
  );
}

/** Offsets between the start and the end: as many records as there are, fewer only in a compacted topic. */
export const recordsIn = (partitions: readonly { start: number; end: number }[]): number =>
  partitions.reduce((sum, { start, end }) => sum + end - start, 0);

export function bytesIn(partitions: readonly PartitionFacts[]): number | null {
  if (partitions.some(({ bytes }) => bytes === null)) return null;
  return partitions.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
}
