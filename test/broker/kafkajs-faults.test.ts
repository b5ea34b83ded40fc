/** What users of kafkajs 2.2.4 meet, and those of the port do not: the list is in ARCHITECTURE.md. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { createKafka, type Kafka, type KafkaOptions } from '../../src/runtime/kafka/index.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { readAll } from '../support/relay-lab.ts';

async function open({ brokers }: RunningBroker, options: KafkaOptions = {}) {
  const kafka = createKafka({ brokers, clientId: 'test' }, options);
  await kafka.admin().createTopics([{ name: 't', partitions: 2 }]);
  return { ...kafka, [Symbol.asyncDispose]: () => kafka.close() };
}

async function transact(kafka: Kafka, value: string): Promise<void> {
  const producer = kafka.producer({ transactionalId: 'one' });
  await producer.start();
  producer.begin();
  for (const partition of [0, 1]) producer.append('t', partition, null, Buffer.from(value), 1, null, 0);
  await producer.sendOffsets('g', [{ topic: 't', partition: 0, offset: 1 }]);
  await producer.commit();
  await producer.close();
}

const valuesOf = async (kafka: Kafka) => (await readAll(kafka, 't')).map(({ value }) => String(value));

test('no warning of Node about timers (TimeoutNegativeWarning)', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => warnings.push(name);
  process.on('warning', note);
  try {
    await using running = await startBroker();
    await using kafka = await open(running);
    // Late answers are what makes kafkajs count below nothing.
    running.broker.faults.add({ action: { kind: 'delay', ms: 5 }, probability: 0.5, seed: 1 });
    for (let round = 0; round < 5; round++) await transact(kafka, `${round}`);
    expect((await valuesOf(kafka)).length).toBe(10);
    expect(warnings).toEqual([]);
    // It would have been heard.
    const heard = once(process, 'warning');
    setTimeout(() => undefined, -1);
    await heard;
    expect(warnings).toEqual(['TimeoutNegativeWarning']);
  } finally {
    process.off('warning', note);
  }
});

test('a coordinator that is still ending a transaction is asked again soon (CONCURRENT_TRANSACTIONS)', async () => {
  const pauses: number[] = [];
  const clock = {
    ...systemClock,
    sleep(ms: number, signal?: AbortSignal) {
      pauses.push(ms);
      return systemClock.sleep(ms, signal);
    },
  };
  await using running = await startBroker();
  await using kafka = await open(running, { clock });
  const apis = ['InitProducerId', 'TxnOffsetCommit', 'EndTxn'];
  for (const api of apis)
    running.broker.faults.add({
      ...{ api, times: 5 },
      action: { kind: 'error', error: 'CONCURRENT_TRANSACTIONS' },
    });
  await transact(kafka, 'v');
  expect(await valuesOf(kafka)).toEqual(['v', 'v']);
  expect(running.broker.faults.list().map(({ hits }) => hits)).toEqual(apis.map(() => 5));
  expect(pauses.length).toBeGreaterThanOrEqual(5 * apis.length);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(20);
});

test('an error that passes is nothing to log', async () => {
  const { log, lines } = recordingLogger();
  await using running = await startBroker();
  await using kafka = await open(running, { log });
  for (const api of ['Produce', 'Fetch', 'ListOffsets'])
    running.broker.faults.add({
      ...{ api, times: 3 },
      action: { kind: 'error', error: 'NOT_LEADER_OR_FOLLOWER' },
    });
  running.broker.faults.add({
    ...{ api: 'FindCoordinator', times: 3 },
    action: { kind: 'error', error: 'COORDINATOR_NOT_AVAILABLE' },
  });
  await transact(kafka, 'v');
  expect(await valuesOf(kafka)).toEqual(['v', 'v']);
  expect(running.broker.faults.list().every(({ hits }) => hits > 0)).toBe(true);
  expect(lines).toEqual([]);
});
