import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { connectStack } from '../../../src/runtime/stack/connect.ts';
import { down } from '../../../src/runtime/stack/down.ts';
import { logs } from '../../../src/runtime/stack/logs.ts';
import { identify, isAlive, isStopped, signal } from '../../../src/runtime/stack/process-table.ts';
import { status } from '../../../src/runtime/stack/status.ts';
import type { StackEvent, StackStatus } from '../../../src/runtime/stack/types.ts';
import { up } from '../../../src/runtime/stack/up.ts';
import { contextIn, eventually, type Lab, lab, temporaryDirectory } from '../../support/lab.ts';

const portsOf = ({ sites }: StackStatus) =>
  sites.flatMap((site) => [...site.brokers, ...site.wanBrokers, new URL(site.registryUrl).host]);

/** Nobody listens where the stack was. */
async function expectPortsFree(addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(Number(address.split(':')[1]), '127.0.0.1', resolve);
    });
    await new Promise((resolve) => server.close(resolve));
  }
}

function expectNothingLeft(stack: Lab): void {
  expect(stack.processes()).toEqual([]);
  expect(existsSync(stack.sockets)).toBe(false);
  expect(existsSync(stack.directory.ownerFile)).toBe(false);
  expect(existsSync(stack.directory.processesFile)).toBe(false);
}

test('up brings everything up, status shows it, up again changes nothing, down leaves nothing', async () => {
  await using stack = lab();
  const events: StackEvent[] = [];
  const first = await stack.up({ onEvent: (event) => events.push(event) });
  expect(first.started).toBe(true);
  expect(first.status).toMatchObject({ stack: 'test', state: 'ready', directory: stack.directory.path });
  expect(first.status.services.map(({ service, state }) => `${service} ${state}`)).toEqual([
    'edge-1/site ready',
    'edge-1/steady ready',
  ]);
  const port = first.status.sites[0]!.brokers[0]!.split(':')[1];
  expect(events).toContainEqual(
    expect.objectContaining({
      service: 'edge-1/site',
      state: 'ready',
      message: expect.stringContaining(`broker ${port}`),
    }),
  );

  const site = await stack.service('edge-1/site');
  expect(site).toMatchObject({ state: 'ready', restarts: 0, info: { broker: expect.anything() } });
  if (process.platform === 'linux') expect(site.rssBytes).toBeGreaterThan(10 * 1024 * 1024);

  const again = await stack.up();
  expect(again).toMatchObject({
    started: false,
    changes: [],
    status: { supervisorPid: first.status.supervisorPid },
  });

  expect(await stack.down()).toEqual({ stack: 'test', outcome: 'stopped', purged: false });
  expectNothingLeft(stack);
  await expectPortsFree(portsOf(first.status));
  await expect(stack.status()).rejects.toMatchObject({ code: 'DDS_NO_STACK' });
});

test('the next up finds the data, and the ports that were chosen', async () => {
  await using stack = lab();
  const first = await stack.up();
  const data = stack.directory.site('edge-1');
  const before = readdirSync(join(data, 'kafka'));
  await stack.down();
  const second = await stack.up();
  expect(portsOf(second.status)).toEqual(portsOf(first.status));
  expect(readdirSync(join(data, 'kafka'))).toEqual(expect.arrayContaining(before));
  expect(await stack.down(true)).toMatchObject({ purged: true });
  expect(existsSync(stack.directory.path)).toBe(false);
});

test('topics and schemas are those of the topology, also when it has grown since', async () => {
  await using stack = lab();
  const write = (topic: string) =>
    writeFileSync(
      join(stack.cwd, 'dds.yaml'),
      `name: test\nsites: { edge-1: {} }\ntopics:\n  readings: ${topic}\n`,
    );
  const describe = async ({ sites }: StackStatus) => {
    const [site] = sites;
    const kafka = createKafka({ brokers: site!.brokers, clientId: 'test' });
    try {
      const [topic] = await kafka.admin().describeTopics(['readings']);
      const subjects = (await (await fetch(`${site!.registryUrl}/subjects`)).json()) as string[];
      return {
        partitions: topic!.partitions.length,
        configs: await kafka.admin().topicConfigs('readings'),
        subjects,
      };
    } finally {
      await kafka.close();
    }
  };
  write('{ partitions: 2, schema: TemperatureData }');
  const first = await describe((await stack.up()).status);
  expect(first).toMatchObject({ partitions: 2, subjects: ['readings-value'] });
  await stack.down();
  write('{ partitions: 3, schema: TemperatureData, configs: { retention.ms: 60000 } }');
  const second = await describe((await stack.up()).status);
  expect(second).toMatchObject({ partitions: 3, configs: { 'retention.ms': '60000' } });
});

test('down without a stack is no error, and cleans nothing twice', async () => {
  await using stack = lab();
  expect(await down({}, stack.context)).toEqual({ stack: null, outcome: 'none', purged: false });
  expect(await stack.down()).toEqual({ stack: 'test', outcome: 'none', purged: false });
  await expect(status({}, stack.context)).rejects.toMatchObject({ code: 'DDS_NO_STACK' });
});

test('a killed site and a killed job come back by themselves', async () => {
  await using stack = lab();
  await stack.up();
  for (const name of ['edge-1/site', 'edge-1/steady']) {
    const { pid } = await stack.service(name);
    signal(pid!, 'SIGKILL');
    await eventually(`${name} is back`, async () => {
      const now = await stack.service(name);
      return now.state === 'ready' && now.restarts === 1 && now.pid !== pid;
    });
  }
  expect((await stack.status()).state).toBe('ready');
});

test('a job that keeps crashing makes the stack degraded, and down still works', async () => {
  await using stack = lab();
  stack.writeTopology({ crashing: "[sh, -c, 'sleep 0.4; echo no more; exit 9']" });
  await stack.up();
  const now = await eventually('degraded', async () => {
    const found = await stack.status();
    return found.state === 'degraded' && found;
  });
  expect(now.services.find(({ service }) => service === 'edge-1/crashing')?.lastError).toBe(
    'ended with code 9',
  );
  await stack.down();
  expectNothingLeft(stack);
});

test('a service that cannot start fails the whole, names its last words, and nothing is left', async () => {
  await using stack = lab();
  stack.writeTopology({ broken: "[sh, -c, 'echo the disk is on fire >&2; exit 3']" });
  await expect(stack.up()).rejects.toMatchObject({
    code: 'DDS_STACK_START',
    message: expect.stringContaining(
      'edge-1/broken ended with code 3 before it was ready: the disk is on fire',
    ),
  });
  expectNothingLeft(stack);
});

test('a taken port is told with its owner, also when that is another stack', async () => {
  await using stack = lab();
  const { status: running } = await stack.up();
  using temporary = temporaryDirectory();
  const [broker, wan] = [running.sites[0]!.brokers[0]!, running.sites[0]!.wanBrokers[0]!].map(
    (at) => at.split(':')[1],
  );
  writeFileSync(
    join(temporary.path, 'dds.yaml'),
    `name: other\nsites:\n  edge-1: { ports: { kafka: ${broker}, wan: ${wan} } }\n`,
  );
  const context = contextIn(temporary.path);
  const error = await up({}, context).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'DDS_PORT_TAKEN' });
  if (process.platform === 'linux') {
    expect((error as Error).message).toContain(
      `port ${broker}, for Kafka of edge-1, is taken by the stack "test"`,
    );
  }
  expect(await down({ stack: 'other' }, context)).toMatchObject({ outcome: 'none' });
});

test('with --ports auto a port that is taken right after it was found free costs a second start', async () => {
  await using stack = lab();
  const thief = createServer();
  let stolen: number | null = null;
  const onEvent = (event: StackEvent) => {
    if (stolen !== null || event.type !== 'service' || event.message !== 'starting') return;
    const { autoPorts } = JSON.parse(readFileSync(stack.directory.stateFile, 'utf8'));
    stolen = autoPorts['edge-1'].registry as number;
    thief.listen(stolen, '127.0.0.1');
  };
  try {
    const { status: running } = await stack.up({ onEvent });
    expect(running.state).toBe('ready');
    expect(stolen).not.toBeNull();
    expect(portsOf(running)).not.toContain(`127.0.0.1:${stolen}`);
  } finally {
    await new Promise((resolve) => thief.close(resolve));
  }
});

test('after SIGKILL of the supervisor everything ends by itself, and the next up heals', async () => {
  await using stack = lab();
  const { status: before } = await stack.up();
  signal(before.supervisorPid, 'SIGKILL');
  await eventually('no process is left', () => stack.processes().length === 0);
  await expectPortsFree(portsOf(before));
  await expect(stack.status()).rejects.toMatchObject({ code: 'DDS_NO_STACK' });
  const { started, status: after } = await stack.up();
  expect(started).toBe(true);
  expect(after.state).toBe('ready');
  expect(portsOf(after)).toEqual(portsOf(before));
});

test.runIf(process.platform === 'linux')(
  'what a killed supervisor left paused is ended by the next up',
  async () => {
    await using stack = lab();
    const { status: before } = await stack.up();
    const paused = identify(before.services[0]!.pid!)!;
    signal(paused.pid, 'SIGSTOP');
    await eventually('paused', () => isStopped(paused.pid));
    signal(before.supervisorPid, 'SIGKILL');
    await eventually('the supervisor is gone', () => identify(before.supervisorPid) === null);
    await stack.up();
    expect(isAlive(paused)).toBe(false);
  },
);

test('down after SIGKILL of the supervisor cleans up', async () => {
  await using stack = lab();
  const { status: before } = await stack.up();
  signal(before.services[0]!.pid!, 'SIGSTOP');
  signal(before.supervisorPid, 'SIGKILL');
  await eventually('the supervisor is gone', () => identify(before.supervisorPid) === null);
  expect(await stack.down()).toMatchObject({ outcome: 'cleaned' });
  expectNothingLeft(stack);
  await expectPortsFree(portsOf(before));
});

test('a supervisor that hangs is stopped, too', async () => {
  await using stack = lab();
  const { status: before } = await stack.up();
  signal(before.supervisorPid, 'SIGSTOP');
  expect(await stack.down()).toMatchObject({ outcome: 'stopped' });
  expectNothingLeft(stack);
});

test('of two ups at once one starts the stack', async () => {
  await using stack = lab();
  for (let round = 0; round < 10; round++) {
    const results = await Promise.allSettled([stack.up(), stack.up()]);
    const started = results.filter((one) => one.status === 'fulfilled' && one.value.started);
    expect(started).toHaveLength(1);
    for (const one of results) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'DDS_STACK_BUSY' });
    }
    expect((await stack.status()).state).toBe('ready');
    await stack.down();
  }
}, 60_000);

/** Moments of a start at which `up` is interrupted: at once, with the first site, and as the last thing begins. */
const moments: [string, RegExp][] = [
  ['the process starts', /^/],
  ['the site starts', /"edge-1\/site","state":"starting"/],
  ['the site is ready', /"edge-1\/site","state":"ready"/],
  ['the job starts', /"edge-1\/steady","state":"starting"/],
];

test.each(moments)('an up that is interrupted when %s leaves nothing', async (_what, moment) => {
  for (const name of ['SIGINT', 'SIGKILL'] as const) {
    await using stack = lab();
    const running = stack.startUp();
    const ended = new Promise((resolve) => running.once('exit', resolve));
    let output = '';
    if (moment.source !== '^') {
      await new Promise<void>((resolve) => {
        running.stdout!.on('data', (chunk) => {
          output += chunk;
          if (moment.test(output)) resolve();
        });
      });
    }
    running.kill(name);
    await ended;
    await stack.down();
    expectNothingLeft(stack);
  }
});

test('an up that is interrupted resolves only when everything is stopped', async () => {
  await using stack = lab();
  const interrupt = new AbortController();
  const context = contextIn(stack.cwd, interrupt.signal);
  const outcome = up({ ports: 'auto', onEvent: () => interrupt.abort() }, context);
  await expect(outcome).rejects.toMatchObject({ code: 'DDS_STACK_START' });
  expectNothingLeft(stack);
});

test('logs come from the running stack and, when it is down, from its files', async () => {
  await using stack = lab();
  await stack.up();
  const read = async (services: string[]) => {
    const lines: string[] = [];
    for await (const line of logs({ services }, stack.context)) lines.push(line.message);
    return lines;
  };
  expect(await read(['edge-1/steady'])).toEqual(['at work']);
  await expect(read(['edge-1/stedy'])).rejects.toMatchObject({ code: 'DDS_UNKNOWN_SERVICE' });
  await stack.down();
  expect((await read(['edge-1/steady']))[0]).toBe('at work');
  expect(await read(['supervisor'])).toContain('stopped');
});

test('following the logs ends when the stack goes down', async () => {
  await using stack = lab();
  await stack.up();
  const lines: string[] = [];
  const following = (async () => {
    for await (const line of logs({ services: ['edge-1'], follow: true }, stack.context))
      lines.push(line.message);
  })();
  await eventually('the first lines', () => lines.includes('at work'));
  await stack.down();
  await following;
});

test('the sites of a stack are found by name', async () => {
  await using stack = lab();
  await stack.up();
  const connection = await connectStack(stack.context, {});
  expect((await connection.sites()).map(({ site }) => site)).toEqual(['edge-1']);
  expect(await connection.sites(['all'])).toHaveLength(1);
  await expect(connection.sites(['edge-2'])).rejects.toMatchObject({ code: 'DDS_UNKNOWN_SITE' });
  await expect(connection.request('GET', '/services/edge-1/sink/info')).rejects.toMatchObject({
    code: 'DDS_UNKNOWN_SERVICE',
  });
  connection.close();
});

test('a state that a newer dds has written, or that cannot be written, is left alone', async () => {
  await using stack = lab();
  mkdirSync(stack.directory.path, { recursive: true });
  writeFileSync(stack.directory.stateFile, JSON.stringify({ format: 99, version: '9.0.0' }));
  await expect(stack.up()).rejects.toMatchObject({
    code: 'DDS_STATE',
    message: expect.stringContaining('9.0.0'),
  });
  expect(JSON.parse(readFileSync(stack.directory.stateFile, 'utf8'))).toMatchObject({ version: '9.0.0' });
  await stack.down(true);
  writeFileSync(join(stack.cwd, '.dds'), 'a file in the way');
  await expect(stack.up()).rejects.toMatchObject({ code: 'DDS_STATE' });
});
