import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import { expect } from 'vitest';
import type { Workspace } from '../cli.ts';
import { json, query, until } from '../stack.ts';

const weather = fileURLToPath(
  new URL('../../../node_modules/vega-datasets/data/weather.csv', import.meta.url),
);

const cities = { 'edge-1': 'Seattle', 'edge-2': 'New York' };

/** Every row of the two cities, straight from the file, in one order. */
function expected(): string[] {
  const rows = parse(readFileSync(weather), { columns: true }) as {
    location: string;
    date: string;
    temp_max: string;
  }[];
  return Object.entries(cities)
    .flatMap(([site, city]) =>
      rows
        .filter(({ location }) => location === city)
        .map(({ date, temp_max }) => [city, Date.parse(date), Number(temp_max), site].join(' ')),
    )
    .sort();
}

/** Ten years of two cities' weather come from two edges to the centre of a running stack, every row as it was. */
export async function replayWeather(space: Workspace): Promise<void> {
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
  const sensors = new Set(Object.values(cities));
  const sql = 'SELECT sensor_id, "timestamp", temperature, site FROM temperature_data';
  const rows = await until(
    async () =>
      (await query(space, 'central', sql, '--limit', '0'))
        .filter(({ sensor_id }) => sensors.has(String(sensor_id)))
        .map((row) => Object.values(row).join(' '))
        .sort(),
    ({ length }) => length >= 2922,
  );
  expect(rows).toEqual(expected());
}
