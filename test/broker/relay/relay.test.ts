import { expect, it } from 'vitest';
import { avroType, encodeWire, readWireId, thesisSchema } from '../../../src/runtime/serde/index.ts';
import { placeMark, sourceHeaderBytes, sourceMarkAt } from '../../../src/shared/relay-headers.ts';
import { eventually } from '../../support/lab.ts';
import { countOf, RelayLab, readAll } from '../../support/relay-lab.ts';

const schema = thesisSchema('TemperatureData');
const type = avroType(schema);
const reading = (id: number, sensor: string, temperature: number) =>
  encodeWire(id, type, { sensor_id: sensor, timestamp: 1, temperature, unit: 'C' });
const other = JSON.stringify({ type: 'record', name: 'Other', fields: [{ name: 'x', type: 'int' }] });

it('carries two sites whose schema ids differ, with everything that belongs to a record', async () => {
  await using lab = new RelayLab();
  const [one, two, central] = [await lab.site('edge-1'), await lab.site('edge-2'), await lab.site('central')];
  const idOne = await one.registry.register('readings-value', schema);
  await two.registry.register('other-value', other);
  const idTwo = await two.registry.register('readings-value', schema);
  await central.registry.register('a-value', other);
  await central.registry.register('b-value', JSON.stringify({ type: 'string' }));
  expect(idOne).not.toBe(idTwo);
  for (const site of [one, two]) await site.create('readings', 3, { 'retention.ms': '123456789' });
  one.send('readings', reading(idOne, 'a', 1.5), { partition: 2, key: Buffer.from('a'), ts: 4711 });
  one.send('readings', null, { partition: 2, key: Buffer.from('a'), ts: 4712 });
  one.send('readings', Buffer.from([0, 1, 2]), { partition: 0, key: null });
  two.send('readings', reading(idTwo, 'b', 2.5), {
    partition: 1,
    headers: [
      { key: 'h', value: Buffer.from('v') },
      { key: 'dds-site', value: Buffer.from('far-away') },
    ],
  });
  await Promise.all([one.producer.flush(), two.producer.flush()]);

  const relay = await lab.relay(central, [one, two]);
  await eventually('four records', async () => (await countOf(central.kafka, 'readings')) === 4);
  const read = await readAll(central.kafka, 'readings');
  const id = await central.registry.register('readings-value', schema);
  expect(new Set([id, idOne, idTwo]).size).toBe(3);

  const at = (partition: number) => read.filter((record) => record.partition === partition);
  const [first, tombstone] = at(2);
  expect(readWireId(first!.value!)).toBe(id);
  expect(first).toMatchObject({ timestamp: 4711, key: Buffer.from('a') });
  expect(type.decode(first!.value!, 5).value).toMatchObject({ sensor_id: 'a', temperature: 1.5 });
  expect(first!.headers['dds-site']?.toString()).toBe('edge-1');
  const [description] = await one.kafka.admin().describeTopics(['readings']);
  const id16 = Buffer.from(description!.id!.replaceAll('-', ''), 'hex');
  const source = Buffer.concat([id16, Buffer.alloc(sourceHeaderBytes - id16.length)]);
  source.writeUInt32BE(placeMark('readings', 2), sourceMarkAt);
  expect(first!.headers['dds-source']).toEqual(source);
  source[23] = 1;
  expect(tombstone).toMatchObject({ value: null, timestamp: 4712, headers: { 'dds-source': source } });
  expect(at(0)[0]).toMatchObject({ key: null, value: Buffer.from([0, 1, 2]) });
  expect(at(1)[0]!.headers.h?.toString()).toBe('v');
  expect(at(1)[0]!.headers['dds-site']?.toString()).toBe('far-away');
  expect(readWireId(at(1)[0]!.value!)).toBe(id);
  expect((await central.kafka.admin().topicConfigs('readings'))['retention.ms']).toBe('123456789');
  await eventually('acknowledged', () => relay.source('edge-1').relayedRecords === 3);
  expect(relay.source('edge-1')).toMatchObject({ state: 'connected', lagRecords: 0, held: [] });
  expect(await relay.metrics.metrics()).toContain(
    'dds_relay_records_total{source="edge-2",topic="readings",partition="1"} 1',
  );
});
