import { it } from 'vitest';
import { workspace } from '../support/cli.ts';
import { upExample } from '../support/e2e/lab-engine.ts';
import { replayWeather } from '../support/e2e/replay-weather.ts';

it('brings ten years of two cities’ weather from two edges to the centre, every row', async () => {
  await using space = workspace();
  await upExample(space, 'embedded');
  await replayWeather(space);
});
