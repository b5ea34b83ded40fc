import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAvro } from 'dds-lab/kafka';
import { readOptions } from '../src/options.ts';
import { measure, rounds } from '../src/sensors.ts';
import { readings } from '../src/topics.ts';

test('a reading fits its schema', () => {
  const { name, value } = readings(localAvro);
  const reading = measure('s1', 1_700_000_000_000);
  assert.deepEqual({ ...value.decode(value.encode(reading, name), name) }, reading);
});

test('it is warmer by day than by night', () => {
  const [noon, midnight] = [6, 18].map((hour) => measure('s1', hour * 3_600_000).temperature);
  assert.ok(noon && midnight && noon > midnight + 5, `${noon} and ${midnight}`);
});

test('every sensor is measured once a round, until the signal comes', async () => {
  const stop = new AbortController();
  const ids: string[] = [];
  await assert.rejects(
    async () => {
      for await (const round of rounds('lab', { sensors: 2, intervalMs: 1 }, stop.signal)) {
        ids.push(...round.map(({ sensor_id }) => sensor_id));
        if (ids.length === 4) stop.abort();
      }
    },
    { name: 'AbortError' },
  );
  assert.deepEqual(ids.slice(0, 2), ['lab-room-1', 'lab-room-2']);
  assert.deepEqual(ids.slice(2), ids.slice(0, 2));
});

test('options come from the environment, and wrong ones are named', () => {
  assert.deepEqual(readOptions({}), { sensors: 3, intervalMs: 1000 });
  assert.deepEqual(readOptions({ SENSORS: '5', INTERVAL_MS: '10' }), {
    sensors: 5,
    intervalMs: 10,
  });
  assert.throws(() => readOptions({ SENSORS: 'many' }), /SENSORS is "many"/);
});
