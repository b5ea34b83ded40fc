import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Workspace, workspace } from '../support/cli.ts';
import { expectRefusal } from '../support/honesty.ts';
import { query, status, until } from '../support/stack.ts';

let lab: Workspace;
beforeAll(async () => {
  lab = workspace();
  expect(await lab.dds(['up', '--sites', '1', '--ports', 'auto'])).toMatchObject({ code: 0 });
}, 60_000);
afterAll(() => lab[Symbol.asyncDispose]());

const detector = async () =>
  (await status(lab)).services.find(({ service }) => service === 'edge-1/detector')!;
const events = async () =>
  (await query(lab, 'central', 'select phase from temperature_threshold_events').catch(() => [])).length;

test('describe shows what a job does, of the stack and without one', async () => {
  await using empty = workspace();
  const builtIn = await empty.dds(['streams', 'describe', 'detector']);
  const ofStack = await lab.dds(['streams', 'describe', 'edge-1/detector']);
  expect(builtIn).toMatchObject({ code: 0, stdout: ofStack.stdout });
  expect(ofStack.stdout).toContain('Processor: detect (stores: [intervals])');
  const json = JSON.parse((await lab.dds(['streams', 'describe', 'central/notifier', '--json'])).stdout);
  expect(json).toMatchObject({
    service: 'central/notifier',
    id: 'dds.notifier',
    topology: { id: 'dds.notifier' },
  });
}, 30_000);

test('reset lets a job begin anew, or from now; without --yes it asks', async () => {
  const reading = (timestamp: number, temperature: number) =>
    JSON.stringify({ sensor_id: 's', timestamp, temperature, unit: 'C' });
  const produce = ['produce', 'temperature-data', '--key-field', 'sensor_id', '--site', 'edge-1'];
  const input = [reading(1, 200), reading(2, 20)].join('\n');
  expect(await lab.dds(produce, { input })).toMatchObject({ code: 0 });
  await until(events, (count) => count === 2);
  await until(
    async () => (await lab.dds(['streams', 'reset', 'edge-1/detector', '--dry-run', '--json'])).stdout,
    (text) => JSON.parse(text).positions.length > 0,
  );
  const before = await detector();
  await expectRefusal(lab, ['streams', 'reset', 'edge-1/detector'], 'DDS_USAGE', /needs --yes: Reset edge-1/);
  expect((await detector()).pid).toBe(before.pid);
  const reset = await lab.dds(['streams', 'reset', 'edge-1/detector', '--yes', '--json']);
  expect(JSON.parse(reset.stdout)).toMatchObject({
    ...{ service: 'edge-1/detector', id: 'dds.detector', to: 'earliest', dryRun: false },
    internalTopics: ['dds.detector-intervals-changelog'],
  });
  expect((await detector()).pid).not.toBe(before.pid);
  await until(events, (count) => count === 4);
  expect(await lab.dds(['streams', 'reset', 'edge-1/detector', '--yes', '--to', 'latest'])).toMatchObject({
    code: 0,
  });
  const more = [reading(3, 210), reading(4, 20)].join('\n');
  expect(await lab.dds(produce, { input: more })).toMatchObject({ code: 0 });
  await until(events, (count) => count >= 6);
  expect(await events()).toBe(6);
}, 60_000);

test('what is no stream job is refused, with the names of those there are', async () => {
  const hint = /no stream job "sink"/;
  await expectRefusal(lab, ['streams', 'reset', 'sink', '--yes'], 'DDS_UNKNOWN_SERVICE', hint);
  await expectRefusal(lab, ['streams', 'describe', 'sink'], 'DDS_UNKNOWN_SERVICE', hint);
});

test('metrics tell records, lag, state and events', async () => {
  const { http } = await detector();
  const text = await new Promise<string>((resolve, reject) => {
    const options = { socketPath: http!.replace('unix:', ''), path: '/metrics' };
    request(options, (answer) => {
      let all = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (all += chunk));
      answer.on('end', () => resolve(all));
    })
      .on('error', reject)
      .end();
  });
  for (const metric of [
    /^dds_streams_records_total\{task="0_\d",site="edge-1"\} \d+$/m,
    /^dds_streams_lag_records\{task="0_\d",site="edge-1"\} 0$/m,
    /^dds_streams_state_rows\{task="0_\d",store="intervals",site="edge-1"\} \d+$/m,
    /^dds_streams_latency_seconds\{site="edge-1"\} [\d.]+$/m,
    /^dds_detector_events_total\{phase="START",site="edge-1"\} 1$/m,
  ])
    expect(text).toMatch(metric);
});

test('status tells tasks and lag of stream jobs', async () => {
  const { stdout } = await lab.dds(['status']);
  expect(stdout).toMatch(/edge-1\/detector +ready .* 4 tasks, \d+ behind/);
  expect((await detector()).info).toMatchObject({
    id: 'dds.detector',
    lagRecords: 0,
    restoring: [],
    trouble: null,
  });
});

test('reset waits for a member that was killed and whose session is not over yet', async () => {
  const { pid } = await detector();
  process.kill(pid!, 'SIGKILL');
  await until(detector, (now) => now.state === 'ready' && now.pid !== pid);
  expect(await lab.dds(['streams', 'reset', 'edge-1/detector', '--yes'])).toMatchObject({ code: 0 });
}, 60_000);
