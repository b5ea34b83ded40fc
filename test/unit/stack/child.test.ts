import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Child } from '../../../src/runtime/stack/child.ts';
import { guarded } from '../../../src/runtime/stack/job-guard.ts';
import type { ServiceSpec } from '../../../src/runtime/stack/plan.ts';
import { identify, isAlive, signal } from '../../../src/runtime/stack/process-table.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { eventually, temporaryDirectory } from '../../support/lab.ts';

const open: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

interface Watched {
  logFile: string;
  child: Child;
  /** `state: message`, in order. */
  changes: string[];
}

function watch(program: ServiceSpec['program'], kind: ServiceSpec['kind'], options = {}): Watched {
  const temporary = temporaryDirectory();
  const changes: string[] = [];
  const logFile = join(temporary.path, 'logs', 'x.log');
  mkdirSync(dirname(logFile));
  const child = new Child(
    { service: 'edge-1/x', site: 'edge-1', kind, program, http: null, readyMessage: 'ready' },
    {
      logFile,
      env: { PATH: process.env.PATH ?? '' },
      clock: systemClock,
      onChange: (one, message) => changes.push(`${one.state}: ${message}`),
      ...options,
    },
  );
  open.push({
    async [Symbol.asyncDispose]() {
      await child.stop();
      temporary[Symbol.dispose]();
    },
  });
  return { logFile, child, changes };
}

/** A program that speaks with the supervisor as our own jobs do. */
function speaking(body: string): ServiceSpec['program'] {
  return { file: process.execPath, args: ['-e', body], env: {} };
}

const answering = `
  process.on('message', ({ id }) => process.send({ type: 'info', id, info: { asked: id } }));
  process.on('SIGTERM', () => process.exit());
  process.send({ type: 'ready', info: null });
`;

test('is ready when it says so, answers questions and stops', async () => {
  const { child, changes } = watch(speaking(answering), 'sink');
  await child.start();
  expect(await child.status(5_000)).toMatchObject({ state: 'ready', info: { asked: 1 }, restarts: 0 });
  await child.stop();
  expect(child.pid).toBeNull();
  expect(changes).toEqual(['starting: starting', 'ready: ready', 'stopping: stopping', 'stopped: stopped']);
});

test('is started again after a crash, later each time', async () => {
  const { child, changes } = watch(speaking(answering), 'sink');
  await child.start();
  for (const restarts of [1, 2]) {
    signal(child.pid!, 'SIGKILL');
    await eventually('back', async () => {
      const now = await child.status(100);
      return now.restarts === restarts && now.state === 'ready';
    });
  }
  expect(changes.filter((change) => change.startsWith('backoff'))).toEqual([
    'backoff: was killed by SIGKILL; starts again in 0.1 s',
    'backoff: was killed by SIGKILL; starts again in 0.2 s',
  ]);
  expect((await child.status(100)).lastError).toBe('was killed by SIGKILL');
});

test('a log that cannot be opened for a while only puts the next start off', async () => {
  const { logFile, child, changes } = watch(speaking(answering), 'sink');
  await child.start();
  const logs = dirname(logFile);
  rmSync(logs, { recursive: true });
  writeFileSync(logs, '');
  signal(child.pid!, 'SIGKILL');
  await eventually('put off', () =>
    changes.some((change) => /^backoff: cannot be started again: ENOTDIR.* 0\.2 s$/.test(change)),
  );
  rmSync(logs);
  mkdirSync(logs);
  await eventually('back', async () => (await child.status(100)).state === 'ready');
  expect((await child.status(100)).restarts).toBe(1);
});

test('one that ends before it was ever ready has failed, with its last words', async () => {
  const { child } = watch(speaking(`console.log('no such table'); process.exit(7)`), 'sink');
  await expect(child.start()).rejects.toMatchObject({
    code: 'DDS_STACK_START',
    message: 'edge-1/x ended with code 7 before it was ready: no such table',
    details: { log: ['no such table'] },
  });
  expect(child.state).toBe('failed');
});

test('an error that the process itself has told is passed on', async () => {
  const error = {
    code: 'DDS_PORT_TAKEN',
    message: 'port 1 is taken',
    hint: 'h',
    exitCode: 3,
    retriable: true,
  };
  const { child } = watch(
    speaking(`process.send({ type: 'failed', error: ${JSON.stringify(error)} }, () => process.exit(3))`),
    'site',
  );
  await expect(child.start()).rejects.toMatchObject({ code: 'DDS_PORT_TAKEN', message: 'port 1 is taken' });
});

test('one that never becomes ready is given up', async () => {
  const { child } = watch(speaking('setInterval(() => {}, 1000)'), 'sink', { startTimeoutMs: 300 });
  await expect(child.start()).rejects.toMatchObject({
    code: 'DDS_STACK_START',
    message: 'edge-1/x did not become ready within 0.3 s',
  });
  expect(child.pid).toBeNull();
});

test('one that does not mind SIGTERM is killed', async () => {
  const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.send({ type: 'ready' })`;
  const { child, changes } = watch(speaking(stubborn), 'sink', { stopTimeoutMs: 200 });
  await child.start();
  const identity = identify(child.pid!)!;
  await child.stop();
  expect(isAlive(identity)).toBe(false);
  expect(changes.at(-1)).toBe('stopped: stopped');
});

test('a paused one stops in time', async () => {
  const { child } = watch(speaking(answering), 'sink');
  await child.start();
  signal(child.pid!, 'SIGSTOP');
  const before = performance.now();
  await child.stop();
  expect(performance.now() - before).toBeLessThan(5_000);
});

test('a command that cannot be found fails with the name in its message', async () => {
  const { child } = watch(guarded(['no-such-program'], {}, '/'), 'job');
  await expect(child.start()).rejects.toMatchObject({ message: expect.stringContaining('no-such-program') });
});

test('a directory that does not exist is named', async () => {
  const { child } = watch(guarded(['true'], {}, '/no/such/directory'), 'job');
  await expect(child.start()).rejects.toMatchObject({
    message: expect.stringContaining('/no/such/directory'),
  });
});

test('a job that ends with 0 is done and not started again', async () => {
  const { child, changes } = watch(guarded(['true'], {}, '/'), 'job');
  await child.start();
  await eventually('done', () => child.state === 'stopped');
  expect(changes).toEqual(['starting: starting', 'ready: ready', 'stopped: done']);
});

test('stopping a job also stops what it has started', async () => {
  const temporary = temporaryDirectory();
  open.push({
    async [Symbol.asyncDispose]() {
      temporary[Symbol.dispose]();
    },
  });
  const script = join(temporary.path, 'job.sh');
  writeFileSync(script, 'sleep 1000 & echo $! > pid; wait');
  const { child } = watch(guarded(['sh', script], {}, temporary.path), 'job');
  await child.start();
  const grandchild = identify(Number(readFileSync(join(temporary.path, 'pid'), 'utf8')))!;
  expect(isAlive(grandchild)).toBe(true);
  await child.stop();
  await eventually('gone', () => !isAlive(grandchild));
});
