import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ErrorCode, errorTable } from '../../../src/errors/index.ts';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { thesisSchema } from '../../../src/runtime/serde/index.ts';
import type { StackStatus } from '../../../src/runtime/stack/types.ts';
import { type CliResult, launcher, type Workspace, workspace } from '../../support/cli.ts';
import { startConsumer } from '../../support/consumer.ts';
import { expectError } from '../../support/honesty.ts';
import { smallTemplate, writeTree } from '../../support/init.ts';
import { query, status, until } from '../../support/stack.ts';

let lab: Workspace;
beforeAll(async () => {
  lab = workspace();
  expect(await lab.dds(['up', '--sites', '1', '--ports', 'auto'])).toMatchObject({ code: 0 });
  for (const line of [
    'register device d',
    'register sensor-type t',
    'register sensor s --device d --type t',
    'simulate --count 20 --rate max --no-register --site edge-1',
  ])
    expect((await lab.dds(line.split(' '))).stderr).not.toMatch(/not acknowledged/);
});
afterAll(() => lab[Symbol.asyncDispose]());

const inLab = (line: string) => lab.dds(line.split(' '));

/** Runs a command while a service stands still. */
async function paused(service: string, line: string): Promise<CliResult> {
  const { services, supervisorPid } = await status(lab);
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
  const { sites } = await status(lab);
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
  const { sites } = await status(lab);
  const { brokers, registryUrl } = sites.find(({ site }) => site === 'edge-1')!;
  const cluster = ['--site', 'edge-1', '--brokers', brokers.join(','), '--registry', registryUrl];
  return ['run', 'detector', ...cluster, '--topic', name, '--name', name, '--log-level', 'error'];
}

interface DescribedGroups {
  sites?: { groups: { state: string; members: unknown[] }[] }[];
}

/** What a job logs besides is no part of what it says to whoever started it. */
const withoutLog = (result: CliResult): CliResult => ({ ...result, stdout: '' });

const portOf = (address: string | undefined) => Number(address?.split(':')[1]);

/** Runs a command in a directory of its own, prepared by `prepare`. */
async function alone(
  line: string,
  prepare: (directory: string) => unknown = () => {},
  env: Record<string, string> = {},
): Promise<CliResult> {
  await using space = workspace();
  await prepare(space.directory);
  return await space.dds(line.split(' '), { env });
}
const yaml = (text: string) => (directory: string) => writeFileSync(join(directory, 'dds.yaml'), text);

/** A stack elsewhere that takes the cluster of edge-1 for its own, with settings that do not fit. */
async function external(kafka: string, env: Record<string, string> = {}): Promise<CliResult> {
  const { sites } = await status(lab);
  const { brokers, registryUrl } = sites.find(({ site }) => site === 'edge-1')!;
  const cluster = `kafka: { brokers: [${brokers}], ${kafka} }, registry: { url: '${registryUrl}' }`;
  return alone('up', yaml(`sites: { central: { engine: external, ${cluster} } }\n`), env);
}

/** A line of JavaScript that runs in the process before dds does. */
const preload = (directory: string, code: string) => {
  const path = join(directory, 'preload.cjs');
  writeFileSync(path, code);
  return { NODE_OPTIONS: `--require=${path}` };
};

const otherSchema = JSON.stringify({
  ...{ type: 'record', name: 'TemperatureData', namespace: 'de.unistuttgart.ipvs.dds.avro' },
  fields: [{ name: 'must_have', type: 'string' }],
});
const wideSchema = JSON.stringify({
  ...{ type: 'record', name: 'Wide' },
  fields: Array.from({ length: 40 }, (_, i) => ({ name: `f${i}`, type: 'double' })),
});

/** The demo, while somebody deletes readings at an edge that have not been stored yet. */
async function losingDemo(): Promise<CliResult> {
  await using space = workspace();
  const demo = space.start(['demo', '--keep'], { timeoutMs: 90_000, env: { TMPDIR: space.directory } });
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

/** These need a Docker, and are provoked in test/docker/errors.test.ts. */
type OfDocker = 'DDS_IMAGE' | 'DDS_CONTAINER' | 'DDS_MEMORY';

/**
 * How a user comes to see each code. A code without an entry does not compile. DDS_PROTOCOL is what a broker logs of a
 * client that sends garbage; a client of ours that is sent garbage says that the broker does not answer.
 */
const provocations: Record<Exclude<ErrorCode, 'DDS_PROTOCOL' | OfDocker>, () => Promise<CliResult>> = {
  DDS_USAGE: () => inLab('status --bogus'),
  DDS_UNKNOWN_COMMAND: () => inLab('statsu'),
  DDS_NODE_VERSION: () =>
    lab.dds(['status'], {
      env: preload(
        lab.directory,
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });`,
      ),
    }),
  DDS_TOPOLOGY_INVALID: () => alone('up', yaml('sites: { edge-1: }\ntopcs: {}\n')),
  DDS_DOCKER: () => alone('up --engine docker', () => {}, { DOCKER_HOST: 'unix:///nowhere/docker.sock' }),
  DDS_TOPOLOGY_MISSING: () => alone('up --file nowhere.yaml'),
  DDS_FILE_EXISTS: () => alone('init topology', yaml('')),
  DDS_TEMPLATE_INVALID: () => alone('init stream my-job --template ./nowhere'),
  DDS_TOOL: () =>
    lab.dds(['init', 'stream', 'my-job', '-y', '--git', '--no-install'], { env: { PATH: '/nowhere' } }),
  DDS_UPDATE_CONFLICTS: async () => {
    writeTree(join(lab.directory, 'small'), smallTemplate);
    await inLab('init stream job --template ./small --no-install --no-git --no-add-job');
    writeTree(lab.directory, { 'job/src/main.js': 'mine', 'small/files/src/main.js': 'theirs' });
    return withoutLog(await inLab('init update job'));
  },
  DDS_FILE_UNREADABLE: () => inLab('simulate --replay nowhere.csv'),
  DDS_INPUT_INVALID: () => {
    writeFileSync(join(lab.directory, 'bad.csv'), 'sensor_id,timestamp,temperature,unit\na,1,warm,C\n');
    return inLab('simulate --replay bad.csv --site edge-1 --speed max');
  },
  DDS_UNKNOWN_SITE: () => inLab('tail -e --site moon'),
  DDS_UNKNOWN_TOPIC: () => inLab('tail temperatur -e'),
  DDS_UNKNOWN_SERVICE: () => inLab('logs edge-1/snik'),
  DDS_UNKNOWN_REFERENCE: () => inLab('register sensor x --device nope --type t'),
  DDS_NOT_REGISTERED: () => inLab('unregister device nope'),
  DDS_STILL_REFERENCED: () => inLab('unregister device d'),
  DDS_NO_STACK: () => alone('status'),
  DDS_STACK_START: () =>
    alone(
      'up --ports auto',
      yaml('sites: { central: }\njobs: { broken: { sites: central, command: ./nothing-here } }\n'),
    ),
  DDS_STACK_BUSY: () => paused('supervisor', 'status'),
  DDS_STATE: () => alone('up --sites 1', (directory) => writeFileSync(join(directory, '.dds'), '')),
  DDS_PORT_TAKEN: async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = taken.address() as { port: number };
      return await alone(
        'up',
        yaml(`sites: { central: { ports: { kafka: ${port}, wan: 39993, registry: 38081 } } }\n`),
      );
    } finally {
      taken.close();
    }
  },
  DDS_BROKER_UNREACHABLE: () => paused('edge-1/site', 'tail temperature-data -e -s edge-1'),
  DDS_TLS: () => external('tls: {}'),
  DDS_AUTHENTICATION: () =>
    external('sasl: { mechanism: plain, username: u, password: { env: SECRET } }', { SECRET: 'x' }),
  DDS_CREDENTIALS: () => external('sasl: { mechanism: plain, username: u, password: { file: nowhere } }'),
  DDS_NOT_ALLOWED: () =>
    instead(
      ([, registry]) => portOf(registry),
      createHttpServer((_request, response) => {
        response.writeHead(403, { 'content-type': 'text/plain' }).end('go away');
      }),
      'schemas list --site edge-1',
    ),
  DDS_STREAMS_TOPOLOGY: async () => withoutLog(await lab.dds(await detector('nowhere'))),
  DDS_STREAMS_RECORD: async () => {
    expect(await inLab('topics create poisoned --site edge-1')).toMatchObject({ code: 0 });
    const poison = ['produce', 'poisoned', '--text', '--key', 'k', '--site', 'edge-1'];
    expect(await lab.dds(poison, { input: 'no Avro\n' })).toMatchObject({ code: 0 });
    const strict = [...(await detector('poisoned')), '--on-error', 'fail'];
    return withoutLog(await lab.dds(strict));
  },
  DDS_STREAMS_STATE: async () => {
    writeFileSync(join(lab.directory, 'hot.avsc'), thesisSchema('TemperatureData'));
    expect(await inLab('topics create hot --site edge-1 --schema hot.avsc')).toMatchObject({
      code: 0,
    });
    const reading = JSON.stringify({ sensor_id: 's', timestamp: 1, temperature: 200, unit: 'C' });
    const produced = ['produce', 'hot', '--key-field', 'sensor_id', '--site', 'edge-1'];
    expect(await lab.dds(produced, { input: reading })).toMatchObject({ code: 0 });
    const first = lab.start(await detector('hot'));
    await until(
      async () => (await inLab('groups describe dds.hot --site edge-1 --json')).stdout,
      (text) => /"topic":"hot","partition":0,"committed":1,/.test(text),
    );
    first.kill('SIGTERM');
    await first.result;
    expect(await inLab('topics delete dds.hot-intervals-changelog --site edge-1 -y')).toMatchObject({
      code: 0,
    });
    return withoutLog(await lab.dds(await detector('hot')));
  },
  DDS_FENCED: async () => {
    writeFileSync(join(lab.directory, 'twice.avsc'), thesisSchema('TemperatureData'));
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
    const jobs = [lab.start(job)];
    try {
      await members(1);
      jobs.push(lab.start(job));
      await members(2);
      const readings = Array.from({ length: 20 }, (_, i) =>
        JSON.stringify({ sensor_id: `s${i}`, timestamp: 1, temperature: 200, unit: 'C' }),
      );
      const produced = ['produce', 'twice', '--key-field', 'sensor_id', '--site', 'edge-1'];
      expect(await lab.dds(produced, { input: readings.join('\n') })).toMatchObject({ code: 0 });
      return withoutLog(await jobs[0]!.result);
    } finally {
      for (const one of jobs) one.kill('SIGTERM');
      await jobs.at(-1)!.result;
    }
  },
  DDS_KAFKA: async () => {
    const narrow = 'topics create narrow --config max.message.bytes=100 --site edge-1';
    expect(await inLab(narrow)).toMatchObject({ code: 0 });
    writeFileSync(join(lab.directory, 'wide.avsc'), wideSchema);
    return inLab('simulate --topic narrow --schema wide.avsc --count 10 --rate max --site edge-1');
  },
  DDS_TOPIC_EXISTS: () => inLab('topics create temperature-data --site all'),
  DDS_UNKNOWN_SUBJECT: () => inLab('schemas show nope'),
  DDS_UNKNOWN_GROUP: () => inLab('groups describe nope'),
  DDS_GROUP_IN_USE: async () => {
    const { brokers } = (await status(lab)).sites.find(({ site }) => site === 'edge-1')!;
    await using _member = await startConsumer(brokers, { group: 'busy', topic: 'temperature-data' });
    return await inLab('groups delete busy --site edge-1 -y');
  },
  DDS_INCOMPATIBLE: () => {
    writeFileSync(join(lab.directory, 'other.avsc'), otherSchema);
    return inLab('schemas check temperature-data-value other.avsc --site edge-1');
  },
  DDS_REGISTRY_UNREACHABLE: () => paused('edge-1/site', 'register device late -s edge-1'),
  DDS_REGISTRY: () =>
    instead(
      ([, registry]) => portOf(registry),
      createHttpServer((_request, response) => {
        response.writeHead(422, { 'content-type': 'text/plain' }).end('go away');
      }),
      'schemas list --site edge-1',
    ),
  DDS_STORE_UNREACHABLE: () => paused('edge-1/sink', 'query FROM_x --site edge-1 --timeout 2'),
  DDS_SQL_TIMEOUT: () =>
    lab.dds([
      ...['query', '--site', 'edge-1', '--timeout', '300ms'],
      'SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range * b.range = c.range',
    ]),
  DDS_FILE_UNWRITABLE: () =>
    lab.dds(['query', 'SELECT 1', '--site', 'edge-1', '--parquet', 'nowhere/x.parquet']),
  DDS_SQL: () => lab.dds(['query', 'SELCT 1', '--site', 'edge-1']),
  DDS_SQL_READ_ONLY: () => lab.dds(['query', 'DROP TABLE temperature_data', '--site', 'edge-1']),
  DDS_UNDECODABLE: async () => {
    const edge = (await status(lab)).sites.find(({ site }) => site === 'edge-1')!;
    const kafka = createKafka({ brokers: edge.brokers, clientId: 'codes' });
    const producer = kafka.producer();
    await producer.start();
    producer.append('temperature-data', 0, null, Buffer.from([0, 0, 0, 99, 99, 1]), Date.now(), null, 0);
    await producer.flush();
    await producer.close();
    await kafka.close();
    return inLab('tail temperature-data --site edge-1 --from oldest -e --strict');
  },
  DDS_RATE_MISSED: () =>
    inLab('simulate --rate 20000 --duration 2s --max-inflight 1 --site edge-1 --no-register'),
  DDS_CHECK_FAILED: losingDemo,
  // A site makes topics on demand, the broker that is started for the comparison does not.
  DDS_PARITY: async () => {
    const fault = 'fault add --site edge-1 --api DescribeConfigs --error NOT_CONTROLLER';
    expect(await inLab(fault)).toMatchObject({ code: 0 });
    try {
      return await inLab('parity --against edge-1 --only configs');
    } finally {
      await inLab('fault clear');
    }
  },
  DDS_FAILED: async () => {
    const full = openSync('/dev/full', 'w');
    const { status: code, stderr } = spawnSync(process.execPath, [launcher, 'protocol'], {
      ...{ cwd: lab.directory, encoding: 'utf8', stdio: ['ignore', full, 'pipe'] },
    });
    return { code, signal: null, stdout: '', stderr, elapsedMs: 0 };
  },
  DDS_BUG: () =>
    lab.dds(['status'], {
      env: preload(lab.directory, `process.cwd = () => { throw new TypeError('made by the test'); };`),
    }),
};

/** Standing still is noticed by patience, which takes its time. */
const slow = 60_000;
test.each(Object.entries(provocations))(
  '%s is told in one line, with what to do',
  async (code, provoke) => {
    const { stderr, code: exitCode } = await provoke();
    process.stdout.write(`${stderr.split('\n').slice(0, 2).join('\n')}\n`);
    const lines = stderr.trimEnd().split('\n');
    if (code === 'DDS_NODE_VERSION') expect(lines).toEqual([expect.stringContaining('22.22')]);
    else {
      // Progress may stand before it.
      const at = lines.findIndex((line) => line.startsWith('error: '));
      expect(lines[at]).toMatch(/^error: \S/);
      expect(lines[at + 1]).toMatch(new RegExp(`^ {2}\\S.* \\(${code}\\)$`));
      // A stack trace is for bugs, and for nothing else.
      if (code !== 'DDS_BUG') expect(lines).toHaveLength(at + 2);
    }
    expect(exitCode).toBe(errorTable[code as ErrorCode].exitCode);
  },
  slow,
);

test('what speaks something else than Kafka is said not to answer, and how', async () => {
  const web = createServer((socket) => {
    socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n');
  });
  const result = await instead(([kafka]) => portOf(kafka), web, 'tail temperature-data -e -s edge-1');
  expectError(result, 'DDS_BROKER_UNREACHABLE', /^error: broker \S+ does not answer \(.*malformed/);
});

test('DDS_PROTOCOL is in the log of a site that was sent something else than Kafka', async () => {
  const [kafka] = (await status(lab)).sites.find(({ site }) => site === 'edge-1')!.brokers;
  const socket = connect(portOf(kafka!), '127.0.0.1').on('error', () => undefined);
  socket.end('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  const { stdout } = await lab.dds(['logs', 'edge-1/site', '-n', '50', '--json']);
  expect(stdout).toContain('DDS_PROTOCOL');
});

test('what was provoked has left the stack whole', async () => {
  await until(
    () => status(lab),
    (now) => now.state === 'ready',
  );
  const [row] = await query(lab, 'central', 'select count(*)::int as n from temperature_data');
  expect(Number(row?.n)).toBeGreaterThanOrEqual(20);
});
