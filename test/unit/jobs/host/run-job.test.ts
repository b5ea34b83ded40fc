import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { DdsError } from '../../../../src/errors/index.ts';
import { HttpLines, type Job, type JobRoute, runJob } from '../../../../src/runtime/jobs/host/index.ts';
import { silentLogger } from '../../../../src/shared/logger.ts';
import { eventually } from '../../../support/lab.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

function get(socketPath: string, path: string, method = 'GET', body = ''): Promise<[number, string]> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, path, method }, async (response) => {
      let text = '';
      for await (const part of response) text += String(part);
      resolve([response.statusCode ?? 0, text]);
    });
    call.on('error', reject);
    call.end(body);
  });
}

class TestJob implements Job<{ steps: string[] }> {
  readonly name = 'test';
  readonly steps: string[] = [];
  trouble_: string | null = null;
  readonly ended: Promise<void>;
  fail!: (error: Error) => void;
  constructor() {
    this.ended = new Promise((_resolve, reject) => {
      this.fail = reject;
    });
    this.ended.catch(() => undefined);
  }
  async start(): Promise<void> {
    this.steps.push('start');
  }
  async stop(): Promise<void> {
    this.steps.push('stop');
  }
  info() {
    return { steps: this.steps };
  }
  trouble() {
    return this.trouble_;
  }
}

const routes: JobRoute[] = [
  {
    method: 'POST',
    path: '/refuse',
    handle() {
      throw new DdsError('DDS_SQL', 'no');
    },
  },
  {
    method: 'POST',
    path: '/lines',
    handle: (body) =>
      new HttpLines(async (write) => {
        for (let n = 1; n <= (body as number); n++) await write({ n });
        throw new DdsError('DDS_SQL', 'no more');
      }),
  },
];

/** What a supervisor would hear; the channel of this process belongs to vitest. */
function host(job: Job, http: string, signal: AbortSignal, heard: string[] = []): Promise<void> {
  const supervise = () => ({
    ready: () => void heard.push('ready'),
    failed: () => void heard.push('failed'),
    note: () => undefined,
    release: () => void heard.push('release'),
  });
  return runJob(job, { http, metrics: new Registry(), routes, log: silentLogger, signal, supervise });
}

it('serves a job until the signal, and leaves nothing behind', async () => {
  const socket = `${temporaryDirectory()}/job.sock`;
  const stop = new AbortController();
  const job = new TestJob();
  const heard: string[] = [];
  const running = host(job, `unix:${socket}`, stop.signal, heard);
  await eventually('health', () =>
    get(socket, '/healthz').then(
      ([status]) => status === 200,
      () => false,
    ),
  );
  expect(JSON.parse((await get(socket, '/info'))[1])).toEqual({ steps: ['start'] });
  expect((await get(socket, '/metrics'))[1]).toContain('process_cpu_seconds_total');
  job.trouble_ = 'no broker';
  expect(await get(socket, '/healthz')).toEqual([503, '{"ok":false,"trouble":"no broker"}']);
  const [status, body] = await get(socket, '/refuse', 'POST', '{}');
  expect([status, JSON.parse(body)]).toMatchObject([400, { code: 'DDS_SQL', message: 'no' }]);
  expect((await get(socket, '/refuse', 'POST', '{'))[0]).toBe(400);
  expect((await get(socket, '/nothing'))[0]).toBe(404);
  const [, lines] = await get(socket, '/lines', 'POST', '2');
  expect(
    lines
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([{ n: 1 }, { n: 2 }, { error: { code: 'DDS_SQL', message: 'no more' } }]);
  expect((await get(socket, '/lines', 'POST', '0'))[0]).toBe(400);
  stop.abort();
  await running;
  expect(job.steps).toEqual(['start', 'stop']);
  expect(heard).toEqual(['ready', 'release']);
  expect(existsSync(socket)).toBe(false);
});

it('ends with the error by which its job ended', async () => {
  const job = new TestJob();
  const heard: string[] = [];
  const running = host(job, '127.0.0.1:0', new AbortController().signal, heard);
  job.fail(new DdsError('DDS_BROKER_UNREACHABLE', 'gone'));
  await expect(running).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  expect(heard).toEqual(['ready', 'failed', 'release']);
  expect(job.steps).toEqual(['start', 'stop']);
});

it('takes a socket over from a process that was killed, but from no other', async () => {
  const socket = `${temporaryDirectory()}/job.sock`;
  const script = `require('net').createServer().listen(${JSON.stringify(socket)}, () => console.log('up'))`;
  const dead = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(dead.stdout, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  expect(existsSync(socket)).toBe(true);
  const stop = new AbortController();
  const running = host(new TestJob(), `unix:${socket}`, stop.signal);
  await eventually('health', () =>
    get(socket, '/healthz').then(
      ([status]) => status === 200,
      () => false,
    ),
  );
  await expect(host(new TestJob(), `unix:${socket}`, stop.signal)).rejects.toMatchObject({
    code: 'DDS_PORT_TAKEN',
  });
  stop.abort();
  await running;
});

it('says what is wrong with an address', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const { signal } = new AbortController();
  await expect(host(new TestJob(), `127.0.0.1:${port}`, signal)).rejects.toMatchObject({
    code: 'DDS_PORT_TAKEN',
  });
  await expect(host(new TestJob(), 'nowhere', signal)).rejects.toMatchObject({ code: 'DDS_USAGE' });
  taken.close();
});
