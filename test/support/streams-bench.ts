import { createKafka, type Header, type Kafka, partitionFor } from '../../src/runtime/kafka/index.ts';
import { type StreamsApp, streams } from '../../src/runtime/streams/run/streams-app.ts';
import type { StreamsOptions } from '../../src/runtime/streams/run/streams-options.ts';
import { startBroker } from './broker.ts';
import { counting } from './counting.ts';
import { eventually } from './lab.ts';

export const partitions = 4;

export interface Bench extends AsyncDisposable {
  kafka: Kafka;
  brokers: readonly string[];
  write(list: readonly string[], headers?: readonly Header[]): Promise<void>;
  start(options?: Partial<StreamsOptions>): Promise<StreamsApp>;
}

/** What a cluster is set to, so that what has died is known as dead soon. */
export const quickConfig = {
  'group.min.session.timeout.ms': '500',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '100',
};

/** On a broker of its own, or on the cluster given, which ends with it. */
export async function bench(
  how: Parameters<typeof counting>[0],
  cluster?: { brokers: readonly string[] } & AsyncDisposable,
): Promise<Bench> {
  const running = cluster ?? (await startBroker({ config: quickConfig }));
  const kafka = createKafka({ brokers: running.brokers, clientId: 'test' });
  const clients: Kafka[] = [kafka];
  const apps: StreamsApp[] = [];
  await kafka.admin().createTopics(['words', 'counted', 'dead'].map((name) => ({ name, partitions })));
  const producer = kafka.producer();
  await producer.start();
  return {
    kafka,
    brokers: running.brokers,
    async write(list, headers) {
      for (const word of list) {
        const key = Buffer.from(word);
        const partition = partitionFor(key, partitions);
        producer.append('words', partition, key, Buffer.from(word), Date.now(), headers ?? null, 0);
      }
      await producer.flush();
    },
    async start(options = {}) {
      const own = createKafka({ brokers: running.brokers, clientId: 'app' });
      clients.push(own);
      const app = streams(counting(how), {
        kafka: own,
        commitIntervalMs: 50,
        sessionTimeoutMs: 6000,
        ...options,
      });
      apps.push(app);
      await app.start();
      return app;
    },
    async [Symbol.asyncDispose]() {
      for (const app of apps) await app.kill().catch(() => undefined);
      for (const client of clients) await client.close();
      await running[Symbol.asyncDispose]();
    },
  };
}

/** What readers of the counts see of each word, in order: with exactly once 1, 2, 3 … */
export async function outputsOf(
  kafka: Kafka,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<Record<string, number[]>> {
  const each = Array.from({ length: partitions }, (_, partition) => ({ topic: 'counted', partition }));
  const ends = await kafka.admin().offsets(each, 'latest');
  const fetcher = kafka.fetcher({ isolation });
  const left = new Map(ends.map((end, partition) => [partition, end] as const).filter(([, end]) => end > 0));
  for (const partition of left.keys()) fetcher.seek('counted', partition, 0);
  const outputs: Record<string, number[]> = {};
  while (left.size > 0) {
    for (const { partition, records, nextOffset } of (await fetcher.poll(1000)).partitions) {
      while (records.next()) {
        const word = records.key()!.toString();
        outputs[word] ??= [];
        outputs[word].push(Number(records.value()!.readBigInt64BE()));
      }
      if (nextOffset >= left.get(partition)!) left.delete(partition);
    }
  }
  await fetcher.close();
  return outputs;
}
export const outputsOfModel = (list: readonly string[]) =>
  Object.fromEntries(
    Object.entries(modelOf(list)).map(([word, count]) => [
      ...[word, Array.from({ length: count }, (_, i) => i + 1)],
    ]),
  );
export const sumOf = (apps: readonly StreamsApp[]) => {
  const sums: Record<string, number> = {};
  for (const app of apps)
    for (const { key, value } of app.store<string, number>('counts').entries())
      sums[key] = (sums[key] ?? 0) + value;
  return sums;
};
export const modelOf = (list: readonly string[]) => {
  const sums: Record<string, number> = {};
  for (const word of list) sums[word] = (sums[word] ?? 0) + 1;
  return sums;
};
export const some = (count: number, seed: number) =>
  Array.from({ length: count }, (_, i) => `w${(i * 7 + seed) % 13}`);
export const reaches = (what: string, apps: () => readonly StreamsApp[], list: readonly string[]) =>
  eventually(
    what,
    () => JSON.stringify(sorted(sumOf(apps()))) === JSON.stringify(sorted(modelOf(list))),
    15_000,
  );
export const processedBy = (app: StreamsApp) =>
  app.info().tasks.reduce((sum, { processed }) => sum + processed, 0);
const sorted = (sums: Record<string, number>) => Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1));
