import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { StackStatus } from '../../src/runtime/stack/types.ts';
import { type Workspace, workspace } from '../support/cli.ts';
import { query, status, until } from '../support/stack.ts';

const pausedMs = 20_000;
const count = `select count(*)::int as rows, count(distinct (sensor_id, "timestamp"))::int as readings
  from temperature_data`;

const service = (now: StackStatus, name: string) => now.services.find((one) => one.service === name)!;
const countAt = async (space: Workspace, site: string) => (await query(space, site, count))[0];

it('a site that stands still for 20 s under load costs nothing, and status says so meanwhile', async () => {
  await using space = workspace();
  const up = await space.dds(['up', '--sites', '2', '--ports', 'auto']);
  expect(up.code, up.stderr).toBe(0);
  const rate = 1000;
  const load = space.start(
    ['simulate', '--rate', `${rate}`, '--sensors', '200', '--duration', '40s', '--seed', '7', '--json'],
    { timeoutMs: 150_000 },
  );
  await until(
    () => countAt(space, 'central'),
    (now) => Number(now?.rows) > rate,
  );
  const before = await status(space);
  const pid = service(before, 'edge-2/site').pid!;
  const moment = performance.now();
  process.kill(pid, 'SIGSTOP');
  let during: StackStatus;
  let said: string;
  try {
    // What hangs is told from what is slow by patience; long before the 20 s are over it has to be told.
    during = await until(
      () => status(space),
      (now) => /edge-2/.test(JSON.stringify(service(now, 'central/relay').info)) && now.state === 'degraded',
    );
    said = (await space.dds(['status'])).stdout;
    // The other edge goes on meanwhile.
    const other = Number((await countAt(space, 'edge-1'))?.rows);
    await until(
      () => countAt(space, 'edge-1'),
      (now) => Number(now?.rows) > other + rate / 2,
    );
    await setTimeout(Math.max(0, pausedMs - (performance.now() - moment)));
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  expect(service(during, 'edge-2/site').info).toBeNull();
  expect(said).toMatch(/edge-2\/site .*does not answer/);

  const run = await load.result;
  const summary = JSON.parse(run.stdout) as { acked: number; failed: number; sent: number };
  expect(summary.failed).toBe(0);
  expect(summary.acked).toBe(summary.sent);
  const whole = { rows: summary.acked, readings: summary.acked };
  expect(
    await until(
      () => countAt(space, 'central'),
      (now) => Number(now?.rows) >= summary.acked,
    ),
  ).toEqual(whole);
  const edges = await until(
    async () => [await countAt(space, 'edge-1'), await countAt(space, 'edge-2')],
    (rows) => rows.reduce((sum, row) => sum + Number(row?.rows), 0) >= summary.acked,
  );
  const sum = (column: string) => edges.reduce((total, row) => total + Number(row?.[column]), 0);
  expect({ rows: sum('rows'), readings: sum('readings') }).toEqual(whole);
  const after = await until(
    () => status(space),
    (now) => now.state === 'ready',
  );
  expect(service(after, 'edge-2/site')).toMatchObject({ pid, restarts: 0 });
}, 240_000);
