import { describe, expect, test } from 'vitest';
import { type SimulateFlags, simulateOptions } from '../../../src/runtime/data/simulate-options.ts';
import { planSimulation } from '../../../src/runtime/data/simulate-plan.ts';
import { RecordingBuilder } from '../../../src/runtime/simulator/replay/recording.ts';

const refused = (flags: SimulateFlags) => {
  try {
    simulateOptions(flags);
  } catch (error) {
    expect(error).toMatchObject({ code: 'DDS_USAGE' });
    return (error as Error).message;
  }
  throw new Error('was accepted');
};

test('without flags the thesis’s sensors send once a second each', () => {
  const options = simulateOptions({});
  expect(options).toMatchObject({
    load: { kind: 'model', sensors: 10, rate: 10, parameters: { base: 0, target: 100, noise: 0.1 } },
    unit: 'C',
    durationMs: undefined,
    catchUp: '2x',
    warmupMs: 0,
    register: true,
  });
  const plan = planSimulation(options, null, ['edge-1', 'edge-2']);
  expect(plan.schedule.total).toBe(Number.POSITIVE_INFINITY);
  expect(plan.fleet.sensors.map(({ id }) => id).slice(0, 3)).toEqual([
    'edge-1-sensor-1',
    'edge-2-sensor-1',
    'edge-1-sensor-2',
  ]);
});

test('a new seed is drawn each time, and one that is given is kept', () => {
  const seeds = Array.from({ length: 5 }, () => planSimulation(simulateOptions({}), null, ['e']).seed);
  expect(new Set(seeds).size).toBe(5);
  expect(planSimulation(simulateOptions({ seed: '0' }), null, ['e']).seed).toBe(0);
});

test('the rate, or the interval of each sensor', () => {
  expect(simulateOptions({ rate: '10k', sensors: '100' }).load).toMatchObject({ rate: 10_000, sensors: 100 });
  expect(simulateOptions({ interval: '500ms', sensors: '100' }).load).toMatchObject({ rate: 200 });
  expect(simulateOptions({ site: ['edge-1,edge-2', 'edge-1'] }).sites).toEqual(['edge-1', 'edge-2']);
});

test.each<[SimulateFlags, string]>([
  [{ rate: '-1' }, '--rate -1'],
  [{ rate: 'abc' }, '--rate abc'],
  [{ sensors: '0' }, '--sensors 0'],
  [{ duration: '0s' }, '--duration 0s'],
  [{ count: '1.5' }, '--count 1.5'],
  [{ seed: '-1' }, '--seed -1'],
  [{ noise: '-0.1' }, '--noise -0.1'],
  [{ base: 'cold' }, '--base cold'],
  [{ 'max-inflight': '0' }, '--max-inflight 0'],
  [{ rate: '1', interval: '1s' }, '--rate and --interval'],
  [{ speed: '2x' }, '--speed needs --replay'],
  [{ filter: ['a=b'] }, '--filter needs --replay'],
  [{ replay: 'x.csv', sensors: '2' }, '--sensors does not go with --replay'],
  [{ replay: 'x.csv', speed: '1x', rate: '1' }, '--rate and --speed'],
  [{ replay: 'x.csv', map: ['temp=a'] }, '--map temp=a'],
  [{ site: ['a,'] }, '--site'],
])('%j is refused', (flags, message) => expect(refused(flags)).toContain(message));

describe('the pace of a replay', () => {
  const builder = new RecordingBuilder();
  for (let second = 0; second < 100; second++) {
    builder.add({ sensorId: `s${second % 3}`, timeMs: second * 1000, temperature: second, unit: 0 });
  }
  const recording = builder.build();
  const plan = (flags: SimulateFlags) =>
    planSimulation(simulateOptions({ replay: 'r.csv', ...flags }), recording, ['edge-1', 'edge-2']);

  test('is the recorded one, or faster', () => {
    expect(plan({})).toMatchObject({ spanMs: 99_000, seed: null, schedule: { total: 100, paced: true } });
    expect(plan({ speed: '60x' }).schedule.dueMs(60)).toBe(1000);
    expect(plan({ speed: 'max' }).schedule).toMatchObject({ total: 100, paced: false });
  });
  test('or a rate', () => {
    expect(plan({ rate: '1k' }).schedule).toMatchObject({ total: 100, rate: 1000 });
    expect(plan({ rate: 'max', count: '7' }).schedule).toMatchObject({ total: 7, paced: false });
  });
  test('ends at the count or the duration', () => {
    expect(plan({ count: '5' }).schedule.total).toBe(5);
    expect(plan({ count: '500' }).schedule.total).toBe(100);
    expect(plan({ duration: '9500ms' }).schedule.total).toBe(10);
  });
  test('is of sensors of the recording, spread over the sites', () => {
    const { fleet } = plan({});
    expect(fleet.sensors.map(({ id, site }) => [id, site])).toEqual([
      ['s0', 0],
      ['s1', 1],
      ['s2', 0],
    ]);
    expect(fleet.devices.map(({ id }) => id)).toEqual(['edge-1-recorder', 'edge-2-recorder']);
  });
});
