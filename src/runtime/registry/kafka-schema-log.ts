import { DdsError } from '../../errors/index.ts';
import type { Kafka, Producer } from '../kafka/port.ts';
import type { LogRecord, SchemaLog } from './schema-log.ts';

/** Partition 0 of a compacted topic, as Confluent's registry keeps it. The topic is made when it isn't there. */
export function createKafkaSchemaLog(kafka: Kafka, topic = '_schemas'): SchemaLog {
  // Acknowledged within the time an HTTP client waits, or not at all.
  const producer: Producer = kafka.producer({ acks: -1, lingerMs: 0, deliveryTimeoutMs: 4000 });
  let started: Promise<void> | null = null;

  const start = async () => {
    started ??= producer.start();
    await started.catch((error: unknown) => {
      started = null;
      throw error;
    });
  };

  async function ensureTopic(): Promise<void> {
    try {
      const partitions = await producer.partitionCount(topic);
      if (partitions === 1) return;
      throw new DdsError(
        'DDS_KAFKA',
        `topic ${topic} has ${partitions} partitions; a Schema Registry's has one`,
        {
          hint: 'Name another topic, or delete this one.',
        },
      );
    } catch (error) {
      if (!(error instanceof DdsError) || error.code !== 'DDS_UNKNOWN_TOPIC') throw error;
      await kafka
        .admin()
        .createTopics([{ name: topic, partitions: 1, configs: { 'cleanup.policy': 'compact' } }]);
    }
  }

  return {
    async load(signal) {
      await start();
      await ensureTopic();
      const partition = { topic, partition: 0 };
      const [first] = await kafka.admin().offsets([partition], 'earliest');
      const [end] = await kafka.admin().offsets([partition], 'latest');
      const records: LogRecord[] = [];
      if (end! <= first!) return records;
      const fetcher = kafka.fetcher({ isolation: 'read_uncommitted' });
      try {
        fetcher.seek(topic, 0, first!);
        for (let next = first!; next < end!; ) {
          signal?.throwIfAborted();
          const { partitions, problems } = await fetcher.poll(500, signal);
          for (const { error } of problems) throw error;
          for (const fetched of partitions) {
            const cursor = fetched.records;
            while (cursor.next()) {
              records.push({
                key: cursor.key()?.toString() ?? '',
                value: cursor.value()?.toString() ?? null,
              });
            }
            next = fetched.nextOffset;
          }
        }
      } finally {
        await fetcher.close();
      }
      return records;
    },
    async append(records) {
      await start();
      // The port knows a topic's partitions once it was asked for them.
      await producer.partitionCount(topic);
      for (const { key, value } of records) {
        const bytes = value === null ? null : Buffer.from(value);
        producer.append(topic, 0, Buffer.from(key), bytes, Date.now(), null, 0);
      }
      await producer.flush();
    },
    close: () => producer.close(),
  };
}
