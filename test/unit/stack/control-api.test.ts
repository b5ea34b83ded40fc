import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { serveControl } from '../../../src/runtime/stack/control-api.ts';
import { ControlClient } from '../../../src/runtime/stack/control-client.ts';
import { controlSocket, makeRunDirectory, serviceSocket } from '../../../src/runtime/stack/run-directory.ts';
import { stateDirectory } from '../../../src/runtime/stack/state-directory.ts';
import { Supervisor } from '../../../src/runtime/stack/supervisor.ts';
import { loadTopology } from '../../../src/runtime/topology/index.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { silentLogger } from '../../../src/shared/logger.ts';
import { temporaryDirectory } from '../../support/lab.ts';

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** The control API of a supervisor that has not started anything. */
async function control() {
  const temporary = temporaryDirectory();
  open.push(() => temporary[Symbol.dispose]());
  const directory = stateDirectory(temporary.path, 'test');
  const sockets = `${temporary.path}/run/stack`;
  makeRunDirectory(sockets);
  const own = { name: 'own', site: 'central', command: ['true'], env: {}, cwd: temporary.path };
  mkdirSync(directory.logs, { recursive: true });
  const supervisor = new Supervisor({
    topology: { ...(await loadTopology({ cwd: temporary.path, sites: 1 })), jobs: [own] },
    ...{ directory, runDirectory: sockets, env: {}, clock: systemClock, log: silentLogger, beganAt: 0 },
  });
  const calls: string[] = [];
  const server = await serveControl(supervisor, controlSocket(sockets), () => calls.push('down'));
  open.push(() => server.close());
  return { client: new ControlClient(controlSocket(sockets)), sockets, supervisor, calls, directory };
}

test('tells the status, and passes on the wish to stop', async () => {
  const { client, calls } = await control();
  const status = await client.request('GET', '/status');
  expect(status).toMatchObject({
    stack: 'test',
    state: 'starting',
    sites: [{ site: 'edge-1' }, { site: 'central' }],
  });
  expect(await client.request('POST', '/down')).toEqual({ stopping: true });
  expect(calls).toEqual(['down']);
});

test('passes requests on to the HTTP API of a service, with body, query and status', async () => {
  const { client, sockets } = await control();
  const service = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const failing = request.url === '/fail';
    response.writeHead(failing ? 400 : 200, { 'content-type': 'application/json' });
    const error = { code: 'DDS_SQL', message: 'no such column', hint: '', exitCode: 2, retriable: false };
    response.end(JSON.stringify(failing ? error : { method: request.method, url: request.url, body }));
  });
  await new Promise<void>((resolve) => service.listen(serviceSocket(sockets, 'central/sink'), resolve));
  open.push(() => service.close());
  expect(await client.request('POST', '/services/central/sink/query?x=1', { sql: 'SELECT 1' })).toEqual({
    method: 'POST',
    url: '/query?x=1',
    body: '{"sql":"SELECT 1"}',
  });
  await expect(client.request('GET', '/services/central/sink/fail')).rejects.toMatchObject({
    code: 'DDS_SQL',
    message: 'no such column',
  });
});

test('long lines of a log leave no listener behind each', async () => {
  const { client, directory } = await control();
  const file = directory.logFile('central/own');
  writeFileSync(file, 'first\n');
  const lines = client.stream('/logs?follow=1&lines=1');
  await lines.next();
  // Longer than what a socket takes without a wait.
  appendFileSync(file, `${'x'.repeat(70_000)}\n`.repeat(12));
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  open.push(() => process.off('warning', onWarning));
  for (let read = 0; read < 12; read++) await lines.next();
  await lines.return();
  expect(warnings).toEqual([]);
});

test('says which service is not there, has no API or does not answer', async () => {
  const { client } = await control();
  const message = (path: string) =>
    client.request('GET', path).then(
      () => 'an answer',
      (error: Error & { code: string }) => `${error.code}: ${error.message}`,
    );
  expect(await message('/services/central/snik/info')).toBe(
    'DDS_UNKNOWN_SERVICE: no service "central/snik" in this stack',
  );
  expect(await message('/services/central/own/info')).toBe(
    'DDS_UNKNOWN_SERVICE: central/own has no HTTP API',
  );
  expect(await message('/services/central/sink/info')).toBe(
    'DDS_STORE_UNREACHABLE: central/sink does not answer (it is stopped)',
  );
});

test('a supervisor that ends before it answers is no stack any more', async () => {
  const { path, [Symbol.dispose]: remove } = temporaryDirectory();
  open.push(remove);
  const server = createServer((request) => request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(`${path}/control.sock`, resolve));
  open.push(() => new Promise((resolve) => server.close(resolve)));
  const client = new ControlClient(`${path}/control.sock`);
  await expect(client.request('GET', '/status')).rejects.toMatchObject({ code: 'DDS_NO_STACK' });
});

test('a supervisor that is not there is no stack', async () => {
  const client = new ControlClient('/tmp/there-is-no-such.sock');
  await expect(client.request('GET', '/status')).rejects.toMatchObject({ code: 'DDS_NO_STACK' });
});
