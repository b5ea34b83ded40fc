import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import {
  identify,
  isAlive,
  isStopped,
  usage,
  withEnvironment,
} from '../../../src/runtime/stack/process-table.ts';
import { eventually } from '../../support/lab.ts';

const started: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function sleeper(env: Record<string, string> = {}) {
  const child = spawn('sleep', ['1000'], { env: { ...process.env, ...env }, stdio: 'ignore' });
  started.push(child);
  return child;
}

test('a process is alive under its identity until it ends', async () => {
  const child = sleeper();
  const identity = identify(child.pid!)!;
  expect(isAlive(identity)).toBe(true);
  expect(isAlive({ ...identity, started: 'another time' })).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isAlive(identity)).toBe(false);
});

describe.runIf(process.platform === 'linux')('on Linux', () => {
  test('finds processes by a variable of their environment, exactly', async () => {
    const marker = `value-${process.pid}-${Date.now()}`;
    const child = sleeper({ DDS_TEST_MARKER: marker });
    sleeper({ DDS_TEST_MARKER: `${marker}-other` });
    const found = await eventually('the marked process', () => {
      const pids = withEnvironment('DDS_TEST_MARKER', marker).map(({ pid }) => pid);
      return pids.length > 0 && pids;
    });
    expect(found).toEqual([child.pid]);
  });

  test('tells memory, CPU time and whether a process is paused', async () => {
    expect(usage(process.pid).rssBytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(usage(process.pid).cpuMs).toBeGreaterThan(0);
    const child = sleeper();
    expect(isStopped(child.pid!)).toBe(false);
    child.kill('SIGSTOP');
    await eventually('paused', () => isStopped(child.pid!));
  });
});
