import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { readState } from '../../../src/runtime/stack/stack-state.ts';
import { planUp } from '../../../src/runtime/stack/up-plan.ts';
import { type Lab, lab, steadyJob } from '../../support/lab.ts';

const pids = async (stack: Lab) =>
  Object.fromEntries((await stack.status()).services.map(({ service, pid }) => [service, pid]));

function write(stack: Lab, ...lines: string[]): void {
  writeFileSync(join(stack.cwd, 'dds.yaml'), `${['name: test', ...lines].join('\n')}\n`);
}

const site = (topics: string) => `sites: { edge-1: {} }\ntopics: ${topics}`;
const job = (name: string, command = steadyJob) =>
  `jobs: { ${name}: { sites: edge-1, command: ${command} } }`;

test('up on a running stack changes what dds.yaml changed and nothing else', async () => {
  await using stack = lab();
  write(stack, site('{ a: { partitions: 1, configs: { retention.ms: 60000 } } }'), job('steady'));
  await stack.up();
  const before = await pids(stack);
  write(
    stack,
    site('{ a: { partitions: 3 }, b: { partitions: 2 } }'),
    `jobs: { steady: { sites: edge-1, command: ${steadyJob} }, other: { sites: edge-1, command: ${steadyJob} } }`,
  );
  const steps = [
    { action: 'alter', what: 'topic a of edge-1', why: 'partitions 1 → 3' },
    { action: 'alter', what: 'topic a of edge-1', why: 'retention.ms 60000 → default' },
    { action: 'create', what: 'topic b of edge-1', why: '2 partitions' },
    { action: 'add', what: 'edge-1/other' },
  ];
  expect((await planUp({}, stack.context)).changes).toEqual(steps);
  expect(await pids(stack)).toEqual(before);

  const second = await stack.up();
  expect(second).toMatchObject({ started: false, changes: steps, status: { state: 'ready' } });
  const after = await pids(stack);
  expect(after).toMatchObject(before);
  expect(after['edge-1/other']).toBeGreaterThan(0);
  const kafka = createKafka({ brokers: second.status.sites[0]!.brokers, clientId: 'test' });
  try {
    const described = await kafka.admin().describeTopics(['a', 'b']);
    expect(described.map(({ partitions }) => partitions.length)).toEqual([3, 2]);
    expect(await kafka.admin().topicConfigs('a')).toEqual({});
  } finally {
    await kafka.close();
  }
  // The next up compares with what runs now.
  expect((await stack.up()).changes).toEqual([]);

  write(stack, site('{ a: { partitions: 3 } }'), job('other', "[sh, -c, 'exec sleep 500']"));
  const third = await stack.up();
  expect(third.changes).toEqual([
    { action: 'keep', what: 'topic b of edge-1', why: expect.stringContaining('dds topics delete') },
    { action: 'remove', what: 'edge-1/steady' },
    { action: 'restart', what: 'edge-1/other', why: 'command changed' },
  ]);
  const last = await pids(stack);
  expect(Object.keys(last)).toEqual(['edge-1/site', 'edge-1/other']);
  expect(last['edge-1/site']).toBe(before['edge-1/site']);
  expect(last['edge-1/other']).not.toBe(after['edge-1/other']);
});

test('what a running stack cannot become is refused before anything is touched', async () => {
  await using stack = lab();
  write(stack, site('{ a: { partitions: 4 } }'), job('steady'));
  await stack.up();
  const before = await pids(stack);
  write(stack, site('{ a: { partitions: 2 } }'), job('other'));
  await expect(stack.up()).rejects.toMatchObject({
    code: 'DDS_TOPOLOGY_INVALID',
    message: 'topic a of edge-1 has 4 partitions and cannot have 2: Kafka takes none away',
  });
  expect(await pids(stack)).toEqual(before);
});

test('when a step fails, the stack is again what it was', async () => {
  await using stack = lab();
  write(stack, site('{ a: { partitions: 1 } }'), job('steady'));
  await stack.up();
  const state = await readState(stack.directory);
  write(stack, site('{ a: { partitions: 1 } }'), job('broken', '[/nowhere/program]'));
  await expect(stack.up()).rejects.toMatchObject({
    code: 'DDS_STACK_START',
    message: expect.stringMatching(/edge-1\/broken .*again what it was$/),
  });
  const services = (await stack.status()).services.map(({ service, state }) => `${service} ${state}`);
  expect(services).toEqual(['edge-1/site ready', 'edge-1/steady ready']);
  expect(await readState(stack.directory)).toEqual(state);
});

test('a new port that something else has is refused; a site that moves takes its jobs along', async () => {
  await using stack = lab();
  const free = await freePorts(6);
  const ports = (from: number) =>
    `sites: { edge-1: { ports: { kafka: ${free[from]}, wan: ${free[from + 1]}, registry: ${free[from + 2]} } } }`;
  write(stack, ports(0), job('steady'));
  await stack.up({ ports: undefined });
  const before = await pids(stack);
  const taken = createServer().listen(free[3], '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  write(stack, ports(3), job('steady'));
  await expect(stack.up({ ports: undefined })).rejects.toMatchObject({ code: 'DDS_PORT_TAKEN' });
  expect(await pids(stack)).toEqual(before);
  await new Promise((resolve) => taken.close(resolve));
  const moved = await stack.up({ ports: undefined });
  expect(moved.changes.map(({ action, what }) => `${action} ${what}`)).toEqual([
    'restart edge-1/site',
    'restart edge-1/steady',
  ]);
  expect(moved.status.sites[0]!.brokers).toEqual([`127.0.0.1:${free[3]}`]);
});

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once('listening', resolve))));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
