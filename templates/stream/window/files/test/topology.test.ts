import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localAvro, testDriver } from 'dds-lab/streams';
import type { TemperatureData } from '../src/records.ts';
import { topics, windowTopology } from '../src/topology.ts';
import { readWindow } from '../src/window.ts';

const { readings, means } = topics(localAvro);

test('each sensor has one result a window, once it is over and its grace, too', () => {
  using driver = testDriver(windowTopology(localAvro, { sizeMs: 10_000, graceMs: 2_000 }));
  const measure = (
    sensor_id: string,
    timestamp: number,
    temperature: number,
    unit: TemperatureData['unit'] = 'C',
  ) => {
    driver.in(readings).pipe(sensor_id, { sensor_id, timestamp, temperature, unit });
    return driver
      .out(means)
      .drain()
      .map(({ key, value }) => ({ sensor: key, ...value }));
  };
  const isQuiet = (...outputs: unknown[][]) => assert.deepEqual(outputs.flat(), []);
  isQuiet(measure('a', 1_000, 20), measure('a', 5_000, 22), measure('b', 9_999, 77, 'F'));
  // 9 s comes late, and in time.
  isQuiet(measure('a', 11_999, 90), measure('a', 9_000, 30));
  const window = { start: 0, end: 10_000 };
  assert.deepEqual(measure('a', 12_000, 90), [
    { sensor: 'a', ...window, count: 3, mean: 24, min: 20, max: 30 },
    { sensor: 'b', ...window, count: 1, mean: 25, min: 25, max: 25 },
  ]);
  isQuiet(measure('a', 9_500, 99));
  assert.equal(driver.dropped(), 1);
});

test('the window comes from the environment, and a wrong one is named', () => {
  assert.deepEqual(readWindow({ WINDOW_SECONDS: '60' }), { sizeMs: 60_000, graceMs: 2_000 });
  assert.throws(() => readWindow({ WINDOW_SECONDS: '0' }), /WINDOW_SECONDS is "0"/);
});
