import { it } from 'vitest';
import { replayWeather } from '../support/e2e/replay-weather.ts';

it('brings ten years of two cities’ weather from two edges to the centre, every row', () =>
  replayWeather('embedded'));
