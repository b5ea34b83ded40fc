import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAvro, testDriver } from 'dds-lab/streams';
import type { TemperatureData } from '../src/records.ts';
import { enrichTopology, topics } from '../src/topology.ts';

const { readings, sensors, devices, enriched } = topics(localAvro);
const reading: TemperatureData = {
  sensor_id: 's1',
  timestamp: 1_700_000_000_000,
  temperature: 21.5,
  unit: 'C',
};
const sensor = { name: 'Inside', description: '', device_id: 'd1', sensor_type_id: 'thermometer' };
const device = { name: 'Oven', description: '', location: 'Hall 3' };

test('a reading gets what is registered when it comes', () => {
  using driver = testDriver(enrichTopology(localAvro));
  const enrich = () => {
    driver.in(readings).pipe('s1', reading);
    const [record, ...more] = driver.out(enriched).drain();
    assert.deepEqual(more, []);
    assert.equal(record?.key, 's1');
    return { ...record.value };
  };
  const unknown = { ...reading, sensor: null, device: null, location: null };
  assert.deepEqual(enrich(), unknown);
  driver.in(sensors).pipe('s1', sensor);
  assert.deepEqual(enrich(), { ...unknown, sensor: 'Inside' });
  driver.in(devices).pipe('d1', device);
  const whole = { ...reading, sensor: 'Inside', device: 'Oven', location: 'Hall 3' };
  assert.deepEqual(enrich(), whole);
  driver.in(devices).pipe('d1', { ...device, location: 'Hall 4' });
  assert.deepEqual(enrich(), { ...whole, location: 'Hall 4' });
  driver.in(sensors).pipe('s1', null);
  assert.deepEqual(enrich(), unknown);
});
