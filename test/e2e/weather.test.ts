import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { workspace } from '../support/cli.ts';
import { json, query, until } from '../support/stack.ts';

const weather = fileURLToPath(new URL('../../node_modules/vega-datasets/data/weather.csv', import.meta.url));

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

it('brings ten years of two cities’ weather from two edges to the centre, every row', async () => {
  await using space = workspace();
  const up = await space.dds(['up', '--sites', '2', '--ports', 'auto']);
  expect(up.code, up.stderr).toBe(0);
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
});
