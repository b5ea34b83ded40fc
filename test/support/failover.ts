import { RangeAssignor } from '../../src/runtime/clients/range-assignor.ts';
import { isPartitionsLost, type Kafka } from '../../src/runtime/kafka/index.ts';

/** Counts how often each number was seen. */
export class Seen {
  readonly times = new Map<number, number>();
  see(number: number): void {
    this.times.set(number, (this.times.get(number) ?? 0) + 1);
  }
}

/** How often each number is in the topic as it is now. */
export async function timesOfNumbers(kafka: Kafka, topic: string): Promise<Map<number, number>> {
  const [{ partitions: all } = { partitions: [] }] = await kafka.admin().describeTopics([topic]);
  const ends = await kafka.admin().offsets(
    all.map(({ partition }) => ({ topic, partition })),
    'latest',
  );
  const fetcher = kafka.fetcher();
  const seen = new Seen();
  for (const { partition } of all) fetcher.seek(topic, partition, 0);
  while (all.some(({ partition }, i) => (fetcher.position(topic, partition) ?? 0) < ends[i]!)) {
    const { partitions: got, problems } = await fetcher.poll(5000);
    if (problems[0]) throw problems[0].error;
    for (const { records } of got) while (records.next()) seen.see(records.value()!.readInt32BE(0));
  }
  await fetcher.close();
  return seen.times;
}

/** Sends 0, 1, 2 … to the partitions in turn, acks all, until it is finished. */
export async function numberedProducer(
  kafka: Kafka,
  topic: string,
  { partitions, perSecond }: { partitions: number; perSecond: number },
) {
  const acked = new Set<number>();
  const failures: Error[] = [];
  const producer = kafka.producer({
    onBatch({ tags, count, error }) {
      if (error) failures.push(error);
      else for (const tag of tags.subarray(0, count)) acked.add(tag);
    },
  });
  await producer.start();
  await producer.partitionCount(topic);
  let sent = 0;
  const pacer = setInterval(() => {
    for (let i = 0; i < perSecond / 100; i++, sent++) {
      const value = Buffer.alloc(64);
      value.writeInt32BE(sent);
      producer.append(topic, sent % partitions, null, value, Date.now(), null, sent);
    }
  }, 10);
  return {
    acked,
    failures,
    get sent() {
      return sent;
    },
    /** Resolves when all that was sent is acknowledged or has failed. */
    async finish() {
      clearInterval(pacer);
      await producer.flush();
      await producer.close();
    },
  };
}

/** A member of a group that reads and commits until the signal aborts; `seen` counts what it was given. */
export async function followGroup(
  kafka: Kafka,
  topic: string,
  seen: Seen,
  signal: AbortSignal,
): Promise<number> {
  const assignor = new RangeAssignor(kafka.admin());
  const member = kafka.group({ groupId: 'followers', topics: [topic], assignor, sessionTimeoutMs: 6000 });
  let joins = 0;
  while (!signal.aborted) {
    const generation = await member.join(signal).catch((error: unknown) => {
      if (signal.aborted) return null;
      throw error;
    });
    if (!generation) break;
    joins++;
    const fetcher = kafka.fetcher({ maxWaitMs: 100 });
    try {
      for (const { partition, offset } of await member.committed(generation.partitions))
        fetcher.seek(topic, partition, Math.max(0, offset));
      const ended = AbortSignal.any([generation.ended, signal]);
      while (!ended.aborted) {
        const { partitions: got, problems } = await fetcher.poll(1000, ended);
        if (problems[0]) throw problems[0].error;
        for (const { records } of got) while (records.next()) seen.see(records.value()!.readInt32BE(0));
        if (got.length === 0) continue;
        const offsets = got.map(({ partition, nextOffset }) => ({
          ...{ topic, partition, offset: nextOffset, metadata: '' },
        }));
        await member.commit(offsets);
      }
    } catch (error) {
      if (!isPartitionsLost(error)) throw error;
    } finally {
      await fetcher.close();
    }
  }
  await member.leave();
  return joins;
}
