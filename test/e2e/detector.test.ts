import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import { workspace } from '../support/cli.ts';
import { json, query, until } from '../support/stack.ts';

const weather = fileURLToPath(new URL('../../node_modules/vega-datasets/data/weather.csv', import.meta.url));

/** The same rule in SQL: what is in the band between 28 and 30 °C is as what came before it. */
const expectedSql = `
with days as (
  select location as sensor, epoch_ms(date::timestamp) as t, temp_max as v,
    case when temp_max > 30 then 1 when temp_max < 28 then 0 end as decides
  from read_csv('${weather}')
), states as (
  select *, coalesce(last_value(decides ignore nulls) over (partition by sensor order by t), 0) as hot from days
), changes as (
  select *, coalesce(lag(hot) over w, 0) as was, lag(t) over w as t0, lag(v) over w as v0
  from states window w as (partition by sensor order by t)
), intervals as (
  select *, sum(case when hot = 1 and was = 0 then 1 else 0 end) over (partition by sensor order by t) as nr from changes
), hot as (
  select sensor, nr, min(t) as first, max(t) as latest, max(v) as max, min_by(v, t) as begins,
    sum(case when was = 1 then (v0 + v) / 2 * (t - t0) else 0 end) as area
  from intervals where hot = 1 group by all
), ended as (select distinct sensor, nr from intervals where hot = 0 and was = 1)
select sensor, 'START' as phase, first as "timestamp", begins as "max", begins as "average", 0 as "lasted" from hot
union all
select sensor, 'END', latest, max, case when latest = first then begins else area / (latest - first) end, latest - first
from hot join ended using (sensor, nr)
order by sensor, "timestamp", phase desc`;

it('the events of ten years of weather are those of an SQL query over the file', async () => {
  const duckdb = await (await DuckDBInstance.create()).connect();
  const expected = (await duckdb.runAndReadAll(expectedSql)).getRowObjectsJson();
  duckdb.closeSync();
  expect(expected.length).toBeGreaterThan(100);

  await using space = workspace();
  const yaml = `sites: { edge-1: , edge-2: , central: }
topics:
  temperature-data: { partitions: 4, schema: TemperatureData }
  temperature-threshold-events: { schema: TemperatureThresholdExceeded }
relays: { relay: }
sinks: { sink: }
detectors: { detector: { threshold: 30, hysteresis: 2 } }
`;
  writeFileSync(join(space.directory, 'dds.yaml'), yaml);
  const up = await space.dds(['up', '--ports', 'auto']);
  expect(up.code, up.stderr).toBe(0);
  const map = 'sensor_id=location,timestamp=date,temperature=temp_max';
  const cities = { 'edge-1': 'Seattle', 'edge-2': 'New York' };
  for (const [site, city] of Object.entries(cities)) {
    const replay = ['simulate', '--replay', weather, '--map', map, '--filter', `location=${city}`];
    await json(space, [...replay, '--speed', 'max', '--site', site]);
  }
  const sql = `select _key as sensor, phase, "timestamp",
    max_transgression as "max", average_transgression as "average", exceeded_for_ms as "lasted"
    from temperature_threshold_events order by 1, 3, 2 desc`;
  const found = await until(
    () => query(space, 'central', sql).catch(() => []),
    (rows) => rows.length >= expected.length,
  );
  const plain = (rows: Record<string, unknown>[]) =>
    rows.map(({ sensor, phase, timestamp, max, average, lasted }) => [
      ...[sensor, phase, Number(timestamp), Number(max), Number(average).toFixed(9), Number(lasted)],
    ]);
  expect(plain(found)).toEqual(plain(expected));
});
