import { expect } from 'vitest';
import type { Workspace } from '../cli.ts';
import { processesWith, status, until } from '../stack.ts';
import { countAt } from './count-readings.ts';

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

/**
 * SIGKILL of site, sink, relay and supervisor of the example with two edges, under load: every acknowledged record is one row.
 * `up` starts the stack again.
 */
export async function crashUnderLoad(space: Workspace, up: () => Promise<unknown>): Promise<void> {
  const draw = random(20171);
  const there = await countAt(space, 'central', 'edge-1', 'edge-2');
  const load = space.start(
    ['simulate', '--rate', '1000', '--sensors', '200', '--duration', '30s', '--seed', '7', '--json'],
    { timeoutMs: 400_000 },
  );
  await until(
    () => countAt(space, 'central'),
    ([central]) => central!.rows > there[0]!.rows + 500,
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
  await up();

  const run = await load.result;
  const { acked, failed } = JSON.parse(run.stdout) as { acked: number; failed: number };
  expect(failed).toBe(0);
  expect(acked).toBeGreaterThan(10_000);
  const added = async (...sites: string[]) => {
    const counts = await countAt(space, ...sites);
    const before = there.slice(sites[0] === 'central' ? 0 : 1);
    const sum = (column: 'rows' | 'readings') =>
      counts.reduce((total, count, at) => total + count[column] - before[at]![column], 0);
    return { rows: sum('rows'), readings: sum('readings') };
  };
  for (const sites of [['central'], ['edge-1', 'edge-2']]) {
    const stored = await until(
      () => added(...sites),
      ({ readings }) => readings >= acked,
    );
    expect(stored).toEqual({ rows: acked, readings: acked });
  }
}
