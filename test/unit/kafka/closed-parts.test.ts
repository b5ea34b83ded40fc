import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const assignor = { name: 'none', userData: () => Buffer.alloc(0), assign: async () => new Map() };

/** Of a fetcher, producers and a member that were opened and closed again. */
async function closed(kafka: Kafka): Promise<WeakRef<object>[]> {
  const parts = [kafka.fetcher(), kafka.producer(), kafka.producer({ transactionalId: 'p' })];
  for (const part of parts) await part.close(AbortSignal.abort());
  const member = kafka.group({ groupId: 'g', topics: ['t'], assignor });
  await member.leave();
  return [...parts, member].map((part) => new WeakRef(part));
}

test('what was closed is not kept: a job that goes on for months opens one after the other', async () => {
  const kafka = createKafka({ brokers: ['127.0.0.1:1'], clientId: 'test' });
  const parts = await closed(kafka);
  const left = () => {
    collectGarbage();
    return parts.filter((part) => part.deref() !== undefined).length;
  };
  await expect.poll(left).toBe(0);
  await kafka.close();
});
