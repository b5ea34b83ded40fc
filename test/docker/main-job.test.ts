import { it } from 'vitest';
import { crashUnderLoad } from '../support/e2e/crash-under-load.ts';
import { replayWeather } from '../support/e2e/replay-weather.ts';
import { dockerWorkspace } from './docker.ts';

it('replays the weather of two cities through containers, every row', () =>
  replayWeather('docker', dockerWorkspace));

it('survives SIGKILL of site, sink, relay and supervisor under load: every acknowledged record is one row', () =>
  crashUnderLoad('docker', dockerWorkspace));
