import { appendFileSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { lastLines, rotateLog } from '../../../src/runtime/stack/log-file.ts';
import { type LogLine, readLogs } from '../../../src/runtime/stack/log-reader.ts';
import { type StateDirectory, stateDirectory } from '../../../src/runtime/stack/state-directory.ts';
import { temporaryDirectory } from '../../support/lab.ts';

function directoryIn(path: string): StateDirectory {
  const directory = stateDirectory(path, 'test');
  mkdirSync(directory.logs, { recursive: true });
  return directory;
}

const line = (second: number, msg: string, more = {}) =>
  `${JSON.stringify({ level: 'info', time: `2026-01-01T00:00:0${second}.000Z`, service: 'x', msg, ...more })}\n`;

async function all(directory: StateDirectory, services: string[] = [], lines = 100): Promise<LogLine[]> {
  const found: LogLine[] = [];
  for await (const one of readLogs({ directory, services, lines, signal: null })) found.push(one);
  return found;
}

test('merges the logs of all services by time, and keeps plain text with the line before it', async () => {
  using temporary = temporaryDirectory();
  const directory = directoryIn(temporary.path);
  writeFileSync(directory.logFile('edge-1/site'), line(1, 'one') + line(3, 'three', { port: 9092 }));
  writeFileSync(directory.logFile('edge-1/sink'), `${line(2, 'two')}Error: plain text\n`);
  const lines = await all(directory);
  expect(lines.map(({ service, message }) => `${service} ${message}`)).toEqual([
    'edge-1/site one',
    'edge-1/sink two',
    'edge-1/sink Error: plain text',
    'edge-1/site three',
  ]);
  expect(lines[3]).toMatchObject({ level: 'info', time: '2026-01-01T00:00:03.000Z', fields: { port: 9092 } });
  expect((await all(directory, ['edge-1/sink'], 1)).map(({ message }) => message)).toEqual([
    'Error: plain text',
  ]);
  expect(await all(directory, ['edge-1'])).toHaveLength(4);
});

test('a service that does not exist is an error with the nearest name', async () => {
  using temporary = temporaryDirectory();
  const directory = directoryIn(temporary.path);
  writeFileSync(directory.logFile('edge-1/sink'), line(1, 'one'));
  await expect(all(directory, ['edge-1/snik'])).rejects.toMatchObject({
    code: 'DDS_UNKNOWN_SERVICE',
    hint: expect.stringContaining('edge-1/sink'),
  });
});

test('a log that was empty is followed from its first line, however much comes at once', async () => {
  using temporary = temporaryDirectory();
  const directory = directoryIn(temporary.path);
  writeFileSync(directory.logFile('edge-1/site'), line(1, 'one'));
  const file = directory.logFile('edge-1/sink');
  writeFileSync(file, '');
  const stop = new AbortController();
  const logs = readLogs({ directory, services: [], lines: 10, signal: stop.signal });
  const next = async () => (await logs.next()).value?.message;
  expect(await next()).toBe('one');
  appendFileSync(file, line(2, 'two') + line(3, 'x'.repeat(300_000)));
  expect(await next()).toBe('two');
  stop.abort();
  await logs.return();
});

test('follows a log across its rotation, and never shows half a line', async () => {
  using temporary = temporaryDirectory();
  const directory = directoryIn(temporary.path);
  const file = directory.logFile('edge-1/sink');
  writeFileSync(file, line(1, 'one'));
  const stop = new AbortController();
  const logs = readLogs({ directory, services: [], lines: 10, signal: stop.signal });
  const next = async () => (await logs.next()).value?.message;
  expect(await next()).toBe('one');
  const whole = line(2, 'two – with an umlaut: ü');
  const bytes = Buffer.from(whole);
  const pending = next();
  appendFileSync(file, bytes.subarray(0, bytes.indexOf(0xc3) + 1));
  appendFileSync(file, bytes.subarray(bytes.indexOf(0xc3) + 1));
  expect(await pending).toBe('two – with an umlaut: ü');
  expect(rotateLog(file, 10)).toBe(true);
  expect(statSync(file).size).toBe(0);
  appendFileSync(file, line(3, 'three'));
  expect(await next()).toBe('three');
  stop.abort();
  expect((await logs.next()).done).toBe(true);
});

test('the last lines of a log are those after a position', () => {
  using temporary = temporaryDirectory();
  const file = `${temporary.path}/x.log`;
  expect(lastLines(file, 3)).toEqual([]);
  writeFileSync(file, 'a\nb\n\nc\nd\n');
  expect(lastLines(file, 2)).toEqual(['c', 'd']);
  expect(lastLines(file, 10, 5)).toEqual(['c', 'd']);
  expect(rotateLog(file, 1000)).toBe(false);
});
