import type { Kafka, TransactionalProducer } from '../../src/runtime/kafka/index.ts';

/** Moments in the life of a transaction, and one in that of an instance before it. */
export const moments = [
  'restoring',
  'produced',
  'before the end',
  'in the middle of the end',
  'committed',
] as const;
export type Moment = (typeof moments)[number];

/** SIGKILL: nothing is closed, nobody is told. */
const die = () => process.kill(process.pid, 'SIGKILL');

/** The port, killing this process at the moment, the nth time that it comes there. */
export function dyingKafka(kafka: Kafka, moment: Moment, nth: number): Kafka {
  let times = 0;
  const isTime = () => ++times === nth;
  return {
    ...kafka,
    fetcher(options) {
      const fetcher = kafka.fetcher(options);
      // Changelogs are read with the port's defaults.
      if (moment !== 'restoring' || options) return fetcher;
      const poll = fetcher.poll.bind(fetcher);
      fetcher.poll = async (...args) => {
        const result = await poll(...args);
        if (result.partitions.length > 0 && isTime()) die();
        return result;
      };
      return fetcher;
    },
    producer(options?: object) {
      const producer = kafka.producer(options as { transactionalId: string });
      if (moment !== 'restoring') endAt(producer, moment, isTime);
      return producer;
    },
  };
}

function endAt(producer: TransactionalProducer, moment: Moment, isTime: () => boolean): void {
  const sendOffsets = producer.sendOffsets.bind(producer);
  const commit = producer.commit.bind(producer);
  producer.sendOffsets = async (...args) => {
    if (moment === 'produced' && isTime()) {
      await producer.flush();
      die();
    }
    return sendOffsets(...args);
  };
  producer.commit = async () => {
    const isNow = moment !== 'produced' && isTime();
    if (isNow && moment === 'before the end') die();
    const ending = commit();
    // The request has left, the answer is not there.
    if (isNow && moment === 'in the middle of the end') setImmediate(() => setImmediate(die));
    await ending;
    if (isNow) die();
  };
}
