import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workspace } from '../../support/cli.ts';

const oneSite =
  'name: plant\nsites: { edge-1: {} }\njobs:\n  steady: { sites: edge-1, command: sleep 1000 }\n';
const escapeCode = String.fromCharCode(27);

test('up, status, logs and down, as a person sees them', async () => {
  await using lab = workspace();
  writeFileSync(join(lab.directory, 'dds.yaml'), oneSite);
  const up = await lab.dds(['up', '--ports', 'auto']);
  expect(up.code).toBe(0);
  expect(up.stderr).toMatch(/^edge-1\/site ready \(broker \d+, registry \d+\) {2}\d\.\d s$/m);
  expect(up.stderr).toMatch(/^The stack "plant" is ready after \d\.\d s\.$/m);
  expect(up.stdout).toMatch(/^SITE +KAFKA +KAFKA \(WAN\) +SCHEMA REGISTRY +DATABASE$/m);
  expect(up.stdout).toMatch(/^edge-1 +127\.0\.0\.1:\d+ +127\.0\.0\.1:\d+ +http:\/\/127\.0\.0\.1:\d+/m);

  const again = await lab.dds(['up', '--ports', 'auto']);
  expect(again).toMatchObject({
    code: 0,
    stderr: 'The stack "plant" is running already; nothing was changed.\n',
  });

  const status = await lab.dds(['status']);
  expect(status.stdout).toMatch(/^plant {2}ready {2}engine embedded/);
  expect(status.stdout).toMatch(/^edge-1\/steady +ready +\d+ +0/m);
  expect(status.stdout).not.toContain(escapeCode);

  const logs = await lab.dds(['logs', 'edge-1/site', '-n', '5']);
  expect(logs.stdout).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}edge-1\/site {2}info {2}ready/m);

  const down = await lab.dds(['down', '--purge']);
  expect(down.stderr).toContain('The stack "plant" is down.\nIts data is removed.\n');
  expect((await lab.dds(['down'])).stderr).toBe('There is no stack here.\n');
});

test('up, status, logs and down under --json', async () => {
  await using lab = workspace();
  writeFileSync(join(lab.directory, 'dds.yaml'), oneSite);
  const up = await lab.dds(['up', '--ports', 'auto', '--json']);
  expect(JSON.parse(up.stdout)).toMatchObject({ started: true, changes: [], status: { state: 'ready' } });
  const status = await lab.dds(['status', '--json']);
  expect(JSON.parse(status.stdout)).toMatchObject({
    stack: 'plant',
    services: [{ service: 'edge-1/site' }, {}],
  });
  const logs = await lab.dds(['logs', '--json']);
  for (const line of logs.stdout.trim().split('\n')) {
    expect(JSON.parse(line)).toMatchObject({ service: expect.any(String), message: expect.any(String) });
  }
  const unknown = await lab.dds(['logs', 'edge-7', '--json']);
  expect(unknown.code).toBe(2);
  expect(JSON.parse(unknown.stdout)).toMatchObject({ error: { code: 'DDS_UNKNOWN_SERVICE' } });
  const down = await lab.dds(['down', '--json']);
  expect(JSON.parse(down.stdout)).toEqual({ stack: 'plant', outcome: 'stopped', purged: false });
});

test('Ctrl-C in up stops what was started', async () => {
  await using lab = workspace();
  writeFileSync(
    join(lab.directory, 'dds.yaml'),
    `${oneSite}  late: { sites: edge-1, command: sleep 2000 }\n`,
  );
  const up = lab.start(['up', '--ports', 'auto']);
  await up.seen(/edge-1\/site ready/);
  up.kill('SIGINT');
  const { code, stderr } = await up.result;
  expect(code).toBe(130);
  expect(stderr).toContain('what was started is stopped again');
  expect((await lab.dds(['status'])).code).toBe(3);
});

test.each([
  ['status', 3, 'no stack is running here'],
  ['logs', 3, 'no stack is running here'],
  ['up --sites 0', 2, '--sites'],
  ['up --sites 500', 2, '500'],
  ['up --sites two', 2, '--sites'],
  ['up --engine podman', 2, 'podman'],
  ['up --stack ../x --sites 1', 2, '../x'],
  ['up --file nowhere.yaml', 2, 'nowhere.yaml'],
])('dds %s ends with %i and one line', async (line, code, part) => {
  await using lab = workspace();
  const result = await lab.dds(line.split(' '));
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(part);
  expect(result.stderr.trim().split('\n')).toHaveLength(2);
  expect(result.stdout).toBe('');
});

test('a taken port ends up with 3, and names who has it', async () => {
  await using lab = workspace();
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  try {
    writeFileSync(join(lab.directory, 'dds.yaml'), `sites: { edge-1: { ports: { kafka: ${port} } } }\n`);
    const up = await lab.dds(['up']);
    expect(up.code).toBe(3);
    expect(up.stderr).toContain(`error: port ${port}, for Kafka of edge-1, is taken`);
    if (process.platform === 'linux') expect(up.stderr).toContain(`by process ${process.pid} (`);
    expect(up.stderr).toContain('DDS_PORT_TAKEN');
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});
