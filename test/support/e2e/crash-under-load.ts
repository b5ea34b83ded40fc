import { expect } from 'vitest';
import { workspace } from '../cli.ts';
import { processesWith, query, status, until } from '../stack.ts';
import { type LabEngine, prepare, up } from './lab-engine.ts';

/** mulberry32: the schedule of kills is the same in every run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const count = `select count(*)::int as rows, count(distinct (sensor_id, "timestamp"))::int as readings
  from temperature_data`;

/** SIGKILL of site, sink, relay and supervisor under load: every acknowledged record is one row. */
export async function crashUnderLoad(engine: LabEngine, open = workspace): Promise<void> {
  const draw = random(20171);
  await using space = open();
  await prepare(space, engine);
  await up(space, engine);
  const load = space.start(
    ['simulate', '--rate', '1000', '--sensors', '200', '--duration', '30s', '--seed', '7', '--json'],
    { timeoutMs: 400_000 },
  );
  await until(
    () => query(space, 'central', 'select count(*)::int as rows from temperature_data'),
    ([row]) => Number(row?.rows) > 500,
  );
  const kill = async (service: string) => {
    const victim = (await status(space)).services.find((candidate) => candidate.service === service);
    process.kill(victim?.pid ?? Number.NaN, 'SIGKILL');
    // The next blow falls when this one is healed, at a moment that the seed chooses.
    await until(
      () => status(space),
      (now) => {
        const healed = now.services.find((candidate) => candidate.service === service);
        return healed?.state === 'ready' && healed.pid !== victim?.pid;
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 300 + draw() * 1200));
  };
  for (const service of ['edge-1/sink', 'central/relay', 'edge-2/site', 'central/sink', 'central/site']) {
    await kill(service);
  }
  const before = await status(space);
  const children = before.services.map(({ pid }) => pid).filter((pid) => pid !== null);
  process.kill(before.supervisorPid, 'SIGKILL');
  await until(
    async () => processesWith(children),
    (left) => left.length === 0,
  );
  await up(space, engine);

  const run = await load.result;
  const summary = JSON.parse(run.stdout) as { acked: number; failed: number };
  expect(summary.failed).toBe(0);
  const acked = summary.acked;
  expect(acked).toBeGreaterThan(10_000);
  const whole = [{ rows: acked, readings: acked }];
  const central = await until(
    () => query(space, 'central', count),
    ([row]) => Number(row?.readings) >= acked,
  );
  expect(central).toEqual(whole);
  const edges = await until(
    async () => [await query(space, 'edge-1', count), await query(space, 'edge-2', count)].flat(),
    (rows) => rows.reduce((sum, row) => sum + Number(row.readings), 0) >= acked,
  );
  const sum = (column: string) => edges.reduce((total, row) => total + Number(row[column]), 0);
  expect([{ rows: sum('rows'), readings: sum('readings') }]).toEqual(whole);
}
