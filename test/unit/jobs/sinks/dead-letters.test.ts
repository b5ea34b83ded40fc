import { expect, test } from 'vitest';
import { DeadLetters } from '../../../../src/runtime/jobs/sinks/dead-letters.ts';
import { newPartitionStats } from '../../../../src/runtime/jobs/sinks/partition-stats.ts';
import { createKafka } from '../../../../src/runtime/kafka/index.ts';
import { deadLetterHeader } from '../../../../src/shared/dead-letters.ts';
import { silentLogger } from '../../../../src/shared/logger.ts';
import { startBroker } from '../../../support/broker.ts';
import { readAll } from '../../../support/relay-lab.ts';

const empty = { generation: 0, writtenMicros: 0, next: -1, committed: -1 };
const stats = newPartitionStats({ topic: 't', partition: 0, topicId: 'id-at-the-centre', ...empty });
const letters = (...offsets: number[]) =>
  offsets.map((offset) => ({
    ...{ stats, offset, timestamp: 1, key: null, value: Buffer.from(`stored ${offset}`), headers: [] },
    reason: 'no schema',
  }));

test('letters that a relay wrote into the same topic in between do not make a sink write its own again', async () => {
  const running = await startBroker();
  const kafka = createKafka({ brokers: running.brokers, clientId: 'test' });
  await using stack = new AsyncDisposableStack();
  stack.use(running);
  stack.defer(() => kafka.close());
  await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
  const before = new DeadLetters(kafka, silentLogger);
  await before.write(letters(3, 4));
  await before.close();
  const relay = kafka.producer({ transactionalId: 'relay' });
  await relay.start();
  for (let offset = 0; offset < 20; offset++) {
    relay.begin();
    const headers = [deadLetterHeader('offset', '100'), deadLetterHeader('topicId', 'id-at-the-edge')];
    relay.append('t.dead-letter', 0, null, Buffer.from(`relayed ${offset}`), 1, headers, 0);
    await relay.commit();
  }
  await relay.close();

  const after = new DeadLetters(kafka, silentLogger);
  await after.write(letters(3, 4, 5));
  await after.close();
  const values = (await readAll(kafka, 't.dead-letter')).map(({ value }) => value!.toString());
  expect(values.filter((value) => value.startsWith('stored'))).toEqual(['stored 3', 'stored 4', 'stored 5']);
});
