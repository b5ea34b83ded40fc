import { readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { thesisSchema } from '../../../src/runtime/serde/index.ts';
import type { StackStatus } from '../../../src/runtime/stack/types.ts';
import { type CliResult, workspace } from '../../support/cli.ts';
import {
  codesLab,
  type Provocations,
  testTold,
  testWhole,
  type Waiting,
  withoutLog,
} from '../../support/codes.ts';
import { expectError } from '../../support/honesty.ts';
import { status, until } from '../../support/stack.ts';

const lab = codesLab();
const inLab = lab.run;

/** Runs a command while a service stands still. */
async function paused(service: string, line: string): Promise<CliResult> {
  const { services, supervisorPid } = await status(lab.space);
  const pid =
    service === 'supervisor' ? supervisorPid : services.find((one) => one.service === service)!.pid!;
  process.kill(pid, 'SIGSTOP');
  try {
    return await inLab(line);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** Runs a command while edge-1 is stopped and something else listens on one of its ports. */
async function instead(port: (edge: string[]) => number, other: Server, line: string): Promise<CliResult> {
  const { sites } = await status(lab.space);
  const edge = sites.find(({ site }) => site === 'edge-1')!;
  expect(await inLab('stop edge-1')).toMatchObject({ code: 0 });
  try {
    const at = port([edge.brokers[0]!, new URL(edge.registryUrl).host]);
    await new Promise<void>((resolve) => other.listen(at, '127.0.0.1', resolve));
    return await inLab(line);
  } finally {
    other.close();
    expect(await inLab('start edge-1')).toMatchObject({ code: 0 });
  }
}
/** A detector of its own at edge-1, on a topic of its own. */
async function detector(name: string): Promise<string[]> {
  const { sites } = await status(lab.space);
  const { brokers, registryUrl } = sites.find(({ site }) => site === 'edge-1')!;
  const cluster = ['--site', 'edge-1', '--brokers', brokers.join(','), '--registry', registryUrl];
  return ['run', 'detector', ...cluster, '--topic', name, '--name', name, '--log-level', 'error'];
}

interface DescribedGroups {
  sites?: { groups: { state: string; members: unknown[] }[] }[];
}

const portOf = (address: string | undefined) => Number(address?.split(':')[1]);

/** The demo, while somebody deletes readings at an edge that have not been stored yet. */
async function losingDemo(): Promise<CliResult> {
  await using space = workspace();
  const demo = space.start(['demo', '--keep', '--seconds', '3', '--rate', '500'], {
    timeoutMs: 90_000,
    env: { TMPDIR: space.directory },
  });
  await demo.seen(/Sending/);
  const [stack] = readdirSync(space.directory).filter((name) => name.startsWith('dds-demo'));
  const cwd = join(space.directory, stack ?? '');
  const inDemo = async (line: string) => {
    const result = await space.dds(line.split(' '), { cwd, env: { TMPDIR: space.directory } });
    if (result.code !== 0) throw new Error(`${line}: ${result.stderr}`);
    return result;
  };
  try {
    const services = JSON.parse((await inDemo('status --json')).stdout) as StackStatus;
    const relay = services.services.find(({ service }) => service === 'central/relay')!;
    process.kill(relay.pid!, 'SIGSTOP');
    try {
      await until(
        async () => (await inDemo('tail temperature-data --site edge-1 -n 1 -e')).stdout,
        (text) => text !== '',
      );
      await inDemo('topics purge temperature-data --site edge-1 -y');
    } finally {
      process.kill(relay.pid!, 'SIGCONT');
    }
    return await demo.result;
  } finally {
    await inDemo('down --purge');
  }
}

/** How a user comes to see the codes that take their time. */
testTold({
  DDS_STACK_BUSY: () => paused('supervisor', 'status'),
  DDS_BROKER_UNREACHABLE: () => paused('edge-1/site', 'tail temperature-data -e -s edge-1'),
  DDS_REGISTRY_UNREACHABLE: () => paused('edge-1/site', 'register device late -s edge-1'),
  DDS_STORE_UNREACHABLE: () => paused('edge-1/sink', 'query FROM_x --site edge-1 --timeout 2'),
  DDS_NOT_ALLOWED: () =>
    instead(
      ([, registry]) => portOf(registry),
      createHttpServer((_request, response) => {
        response.writeHead(403, { 'content-type': 'text/plain' }).end('go away');
      }),
      'schemas list --site edge-1',
    ),
  DDS_REGISTRY: () =>
    instead(
      ([, registry]) => portOf(registry),
      createHttpServer((_request, response) => {
        response.writeHead(422, { 'content-type': 'text/plain' }).end('go away');
      }),
      'schemas list --site edge-1',
    ),
  DDS_STREAMS_TOPOLOGY: async () => withoutLog(await lab.space.dds(await detector('nowhere'))),
  DDS_STREAMS_RECORD: async () => {
    expect(await inLab('topics create poisoned --site edge-1')).toMatchObject({ code: 0 });
    const poison = ['produce', 'poisoned', '--text', '--key', 'k', '--site', 'edge-1'];
    expect(await lab.space.dds(poison, { input: 'no Avro\n' })).toMatchObject({ code: 0 });
    const strict = [...(await detector('poisoned')), '--on-error', 'fail'];
    return withoutLog(await lab.space.dds(strict));
  },
  DDS_STREAMS_STATE: async () => {
    writeFileSync(join(lab.space.directory, 'hot.avsc'), thesisSchema('TemperatureData'));
    expect(await inLab('topics create hot --site edge-1 --schema hot.avsc')).toMatchObject({
      code: 0,
    });
    const reading = JSON.stringify({ sensor_id: 's', timestamp: 1, temperature: 200, unit: 'C' });
    const produced = ['produce', 'hot', '--key-field', 'sensor_id', '--site', 'edge-1'];
    expect(await lab.space.dds(produced, { input: reading })).toMatchObject({ code: 0 });
    const first = lab.space.start(await detector('hot'));
    await until(
      async () => (await inLab('groups describe dds.hot --site edge-1 --json')).stdout,
      (text) => /"topic":"hot","partition":0,"committed":1,/.test(text),
    );
    first.kill('SIGTERM');
    await first.result;
    expect(await inLab('topics delete dds.hot-intervals-changelog --site edge-1 -y')).toMatchObject({
      code: 0,
    });
    return withoutLog(await lab.space.dds(await detector('hot')));
  },
  DDS_FENCED: async () => {
    writeFileSync(join(lab.space.directory, 'twice.avsc'), thesisSchema('TemperatureData'));
    const topic = 'topics create twice --partitions 2 --site edge-1 --schema twice.avsc';
    expect(await inLab(topic)).toMatchObject({ code: 0 });
    const job = [...(await detector('twice')), '--guarantee', 'exactly-once', '--instance', 'one'];
    const members = (count: number) =>
      until(
        async () => (await inLab('groups describe dds.twice --site edge-1 --json')).stdout,
        (text) => {
          const group = (JSON.parse(text || '{}') as DescribedGroups).sites?.[0]?.groups[0];
          return group?.state === 'Stable' && group.members.length === count;
        },
      );
    const jobs = [lab.space.start(job)];
    try {
      await members(1);
      jobs.push(lab.space.start(job));
      await members(2);
      const readings = Array.from({ length: 20 }, (_, i) =>
        JSON.stringify({ sensor_id: `s${i}`, timestamp: 1, temperature: 200, unit: 'C' }),
      );
      const produced = ['produce', 'twice', '--key-field', 'sensor_id', '--site', 'edge-1'];
      expect(await lab.space.dds(produced, { input: readings.join('\n') })).toMatchObject({ code: 0 });
      return withoutLog(await jobs[0]!.result);
    } finally {
      for (const one of jobs) one.kill('SIGTERM');
      await jobs.at(-1)!.result;
    }
  },
  DDS_CHECK_FAILED: losingDemo,
} satisfies Provocations<Waiting>);

test('what speaks something else than Kafka is said not to answer, and how', async () => {
  const web = createServer((socket) => {
    socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const result = await instead(([kafka]) => portOf(kafka), web, 'tail temperature-data -e -s edge-1');
  expectError(result, 'DDS_BROKER_UNREACHABLE', /^error: broker \S+ does not answer \(.*malformed/);
});

testWhole(lab);
