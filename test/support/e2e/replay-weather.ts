import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { expect } from 'vitest';
import { workspace } from '../cli.ts';
import { json, query, until } from '../stack.ts';
import { type LabEngine, prepare, up } from './lab-engine.ts';

const weather = fileURLToPath(
  new URL('../../../node_modules/vega-datasets/data/weather.csv', import.meta.url),
);

/** Count, sum, minimum and maximum of temp_max per location, straight from the file. */
function expected(): Record<string, unknown>[] {
  const rows = parse(readFileSync(weather), { columns: true }) as { location: string; temp_max: string }[];
  return ['New York', 'Seattle'].map((location) => {
    const values = rows.filter((row) => row.location === location).map((row) => Number(row.temp_max));
    return {
      sensor_id: location,
      count: values.length,
      sum: values.reduce((sum, value) => sum + value, 0).toFixed(3),
      min: Math.min(...values),
      max: Math.max(...values),
    };
  });
}

/** Ten years of two cities' weather come from two edges to the centre, every row. */
export async function replayWeather(engine: LabEngine, open = workspace): Promise<void> {
  await using space = open();
  await prepare(space, engine);
  await up(space, engine);
  const cities = { 'edge-1': 'Seattle', 'edge-2': 'New York' };
  for (const [site, location] of Object.entries(cities)) {
    const map = 'sensor_id=location,timestamp=date,temperature=temp_max';
    const args = ['simulate', '--replay', weather, '--map', map, '--filter', `location=${location}`];
    const summary = await json<{ sent: number; acked: number }>(space, [
      ...args,
      '--speed',
      'max',
      '--site',
      site,
    ]);
    expect(summary).toMatchObject({ sent: 1461, acked: 1461 });
  }
  const figures = `select sensor_id, count(*)::int "count", printf('%.3f', sum(temperature)) "sum",
    min(temperature) "min", max(temperature) "max" from temperature_data group by 1 order by 1`;
  const central = await until(
    () => query(space, 'central', figures),
    (rows) => rows.reduce((sum, row) => sum + Number(row.count), 0) >= 2922,
  );
  expect(central).toEqual(expected());
  const sites = await query(
    space,
    'central',
    'select distinct site, sensor_id from temperature_data order by 1',
  );
  expect(sites).toEqual(Object.entries(cities).map(([site, sensor_id]) => ({ site, sensor_id })));
}
