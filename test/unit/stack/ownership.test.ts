import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { livingOwner, takeOwnership } from '../../../src/runtime/stack/ownership.ts';
import { identify } from '../../../src/runtime/stack/process-table.ts';
import { type StateDirectory, stateDirectory } from '../../../src/runtime/stack/state-directory.ts';
import { temporaryDirectory } from '../../support/lab.ts';

const facts = { role: 'supervisor', version: '0.1.0', runDirectory: '/tmp/nowhere' } as const;

function directoryIn(path: string): StateDirectory {
  const directory = stateDirectory(path, 'test');
  mkdirSync(directory.path, { recursive: true });
  return directory;
}

test('a second owner is refused while the first lives, and let in after it has left', () => {
  using temporary = temporaryDirectory();
  const directory = directoryIn(temporary.path);
  const first = takeOwnership(directory, facts);
  expect(livingOwner(directory)?.pid).toBe(process.pid);
  expect(() => takeOwnership(directory, facts)).toThrow(
    expect.objectContaining({ code: 'DDS_STACK_BUSY', message: expect.stringContaining(`${process.pid}`) }),
  );
  first[Symbol.dispose]();
  expect(livingOwner(directory)).toBeNull();
  using _second = takeOwnership(directory, facts);
  expect(readdirSync(directory.path)).toEqual(['supervisor.json']);
});

test.each([
  ['whose pid another process has now', { pid: process.pid, started: 'long ago' }],
  ['whose process is gone', { pid: 2 ** 22 + 1, started: identify(process.pid)?.started }],
])('an owner %s is taken for dead', (_what, dead) => {
  using temporary = temporaryDirectory();
  const directory = directoryIn(temporary.path);
  writeFileSync(directory.ownerFile, JSON.stringify({ ...facts, ...dead, startedAt: '' }));
  expect(livingOwner(directory)).toBeNull();
  using owner = takeOwnership(directory, facts);
  expect(livingOwner(directory)).toMatchObject({ pid: process.pid, started: owner.started });
});

test('a file that a crash cut off does not lock the stack for ever', () => {
  using temporary = temporaryDirectory();
  const directory = directoryIn(temporary.path);
  writeFileSync(directory.ownerFile, '{"pid": 1');
  using _owner = takeOwnership(directory, facts);
  expect(livingOwner(directory)?.pid).toBe(process.pid);
});
