import { expect, it } from 'vitest';
import { crashUnderLoad } from '../support/e2e/crash-under-load.ts';
import { replayWeather } from '../support/e2e/replay-weather.ts';
import { docker } from './docker.ts';

const ours = () => docker('ps', '-aq', '--filter', 'label=io.dds-lab.stack');

it('replays the weather of two cities through containers, every row', async () => {
  await replayWeather('docker');
  expect(ours()).toBe('');
});

it('survives SIGKILL of site, sink, relay and supervisor under load: every acknowledged record is one row', async () => {
  await crashUnderLoad('docker');
  expect(ours()).toBe('');
});
