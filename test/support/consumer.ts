import kafkajs from 'kafkajs';

export interface RunningConsumer extends AsyncDisposable {
  /** Values read so far. */
  readonly values: string[];
  /** Resolves once so many values were read; rejects after 15 s. */
  read(count: number): Promise<void>;
}

/** A member of a group, as any program has one: kafkajs, from the start of the topic, committing what it has read. */
export async function startConsumer(
  brokers: string[],
  { group, topic, clientId = 'reader' }: { group: string; topic: string; clientId?: string },
): Promise<RunningConsumer> {
  const kafka = new kafkajs.Kafka({ brokers, clientId, logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: group });
  const values: string[] = [];
  const watchers = new Set<() => void>();
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => resolve());
  });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommitInterval: 50,
      async eachMessage({ message }) {
        values.push(String(message.value));
        for (const watcher of watchers) watcher();
      },
    });
    await joined;
  } catch (error) {
    await consumer.disconnect();
    throw error;
  }
  return {
    values,
    read(count) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`read ${values.length} of ${count}`)), 15_000);
        const check = () => {
          if (values.length < count) return;
          clearTimeout(timer);
          watchers.delete(check);
          resolve();
        };
        watchers.add(check);
        check();
      });
    },
    [Symbol.asyncDispose]: () => consumer.disconnect(),
  };
}
