import { fork, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const entry = fileURLToPath(new URL('../../support/late-child.ts', import.meta.url));

test('a process whose supervisor dies while it is loading knows that it is alone', async () => {
  const child = fork(entry, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  child.disconnect();
  expect(await text(child.stdout!)).toBe('orphaned.');
});

test('a process that nobody supervises has nobody to miss', async () => {
  const child = spawn(process.execPath, [entry], { stdio: ['ignore', 'pipe', 'inherit'] });
  expect(await text(child.stdout)).toBe('.');
});
