import { expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { avroType, createRegistryClient, encodeWire } from '../../../src/runtime/serde/index.ts';
import { avroSerdes, t, topic, topology } from '../../../src/runtime/streams/index.ts';
import { streams } from '../../../src/runtime/streams/run/streams-app.ts';
import { startBroker } from '../../support/broker.ts';
import { eventually } from '../../support/lab.ts';
import { startRegistry } from '../../support/registry.ts';
import { processedBy } from '../../support/streams-bench.ts';

const schemaOf = (...fields: object[]) => JSON.stringify({ type: 'record', name: 'Count', fields });
const [n, note] = [
  { name: 'n', type: 'int' },
  { name: 'note', type: ['null', 'string'], default: null },
];
const older = schemaOf(n!);
const newer = schemaOf(n!, note!);

interface Count {
  n: number;
  note?: string | null;
}

/** Writes values as they are into partition 0 of `in`. */
async function write(kafka: Kafka, ...values: Uint8Array[]): Promise<void> {
  const producer = kafka.producer();
  await producer.start();
  for (const value of values) producer.append('in', 0, Buffer.from('k'), value, 1, null, 0);
  await producer.close();
}

async function values(kafka: Kafka, name: string): Promise<Buffer[]> {
  const fetcher = kafka.fetcher({ maxWaitMs: 20 });
  fetcher.seek(name, 0, 0);
  const found: Buffer[] = [];
  const { partitions } = await fetcher.poll(200);
  for (const { records } of partitions) while (records.next()) found.push(Buffer.from(records.value()!));
  await fetcher.close();
  return found;
}

test('values are read by the schema they were written with, and what is amiss is told', async () => {
  await using broker = await startBroker();
  await using registry = await startRegistry();
  const kafka = createKafka({ brokers: broker.brokers, clientId: 'test' });
  await kafka.admin().createTopics(['in', 'out', 'dead'].map((name) => ({ name, partitions: 1 })));
  const client = createRegistryClient(registry.url);
  const ids = [await client.register('in-value', older), await client.register('in-value', newer)];
  await write(
    kafka,
    encodeWire(ids[0]!, avroType(older), { n: 1 }),
    encodeWire(ids[1]!, avroType(newer), { n: 2, note: 'two' }),
    Buffer.from([0, 0, 0, 3, 231, 2]),
    Buffer.from('no Avro'),
    encodeWire(ids[0]!, avroType(older), { n: 5 }),
    encodeWire(ids[0]!, avroType(older), { n: 3 }),
  );
  const avro = avroSerdes(registry.url);
  const b = topology('avro');
  b.stream(topic('in', { key: t.string, value: avro.of<Count>(newer) }))
    .mapValues(
      ({ n: count, note: text }): Count => ({
        n: count === 5 ? Number.NaN : 10 * count,
        note: text ?? null,
      }),
    )
    .to(topic('out', { key: t.string, value: avro.of<Count>(newer) }));
  const app = streams(b.build(), { kafka, onError: { deadLetterTopic: 'dead' } });
  await app.start();
  await eventually('all six', () => processedBy(app) === 6);
  expect(app.info().failed).toEqual({ deserialization: 2, processing: 0, production: 1 });
  await app.close();
  const outId = (await client.latest('out-value'))!.id;
  expect(await values(kafka, 'out')).toEqual(
    [
      { n: 10, note: null },
      { n: 20, note: 'two' },
      { n: 30, note: null },
    ].map((value) => encodeWire(outId, avroType(newer), value)),
  );
  const strict = streams(b.build(), { kafka });
  await kafka.admin().commit('avro', [{ topic: 'in', partition: 0, offset: 2 }]);
  await strict.start();
  await expect(strict.ended).rejects.toThrow('record in/0@2 failed: schema id 999 is not registered');
  await strict.kill();
  await kafka.admin().commit('avro', [{ topic: 'in', partition: 0, offset: 4 }]);
  const last = streams(b.build(), { kafka });
  await last.start();
  await expect(last.ended).rejects.toThrow(
    'a record for out failed: the value does not fit the schema of out',
  );
  await last.kill();
  await kafka.close();
}, 30_000);
