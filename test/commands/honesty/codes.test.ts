import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ErrorCode } from '../../../src/errors/index.ts';
import { createKafka } from '../../../src/runtime/kafka/index.ts';
import { type CliResult, launcher, workspace } from '../../support/cli.ts';
import {
  codesLab,
  type OfDocker,
  type Provocations,
  testTold,
  testWhole,
  type Waiting,
  withoutLog,
} from '../../support/codes.ts';
import { startConsumer } from '../../support/consumer.ts';
import { smallTemplate, writeTree } from '../../support/init.ts';
import { status } from '../../support/stack.ts';

const lab = codesLab();
const inLab = lab.run;

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
  const { sites } = await status(lab.space);
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

/**
 * How a user comes to see each code; those that take their time are in codes-waiting.test.ts. A code without an entry does not
 * compile. DDS_PROTOCOL is what a broker logs of a client that sends garbage; a client of ours that is sent garbage says that
 * the broker does not answer.
 */
testTold({
  DDS_USAGE: () => inLab('status --bogus'),
  DDS_UNKNOWN_COMMAND: () => inLab('statsu'),
  DDS_NODE_VERSION: () =>
    lab.space.dds(['status'], {
      env: preload(
        lab.space.directory,
        `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.1.0' } });`,
      ),
    }),
  DDS_TOPOLOGY_INVALID: () => alone('up', yaml('sites: { edge-1: }\ntopcs: {}\n')),
  DDS_DOCKER: () => alone('up --engine docker', () => {}, { DOCKER_HOST: 'unix:///nowhere/docker.sock' }),
  DDS_TOPOLOGY_MISSING: () => alone('up --file nowhere.yaml'),
  DDS_FILE_EXISTS: () => alone('init topology', yaml('')),
  DDS_TEMPLATE_INVALID: () => alone('init stream my-job --template ./nowhere'),
  DDS_TOOL: () =>
    lab.space.dds(['init', 'stream', 'my-job', '-y', '--git', '--no-install'], { env: { PATH: '/nowhere' } }),
  DDS_UPDATE_CONFLICTS: async () => {
    writeTree(join(lab.space.directory, 'small'), smallTemplate);
    await inLab('init stream job --template ./small --no-install --no-git --no-add-job');
    writeTree(lab.space.directory, { 'job/src/main.js': 'mine', 'small/files/src/main.js': 'theirs' });
    return withoutLog(await inLab('init update job'));
  },
  DDS_FILE_UNREADABLE: () => inLab('simulate --replay nowhere.csv'),
  DDS_INPUT_INVALID: () => {
    writeFileSync(join(lab.space.directory, 'bad.csv'), 'sensor_id,timestamp,temperature,unit\na,1,warm,C\n');
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
  DDS_TLS: () => external('tls: {}'),
  DDS_AUTHENTICATION: () =>
    external('sasl: { mechanism: plain, username: u, password: { env: SECRET } }', { SECRET: 'x' }),
  DDS_CREDENTIALS: () => external('sasl: { mechanism: plain, username: u, password: { file: nowhere } }'),
  DDS_KAFKA: async () => {
    const narrow = 'topics create narrow --config max.message.bytes=100 --site edge-1';
    expect(await inLab(narrow)).toMatchObject({ code: 0 });
    writeFileSync(join(lab.space.directory, 'wide.avsc'), wideSchema);
    return inLab('simulate --topic narrow --schema wide.avsc --count 10 --rate max --site edge-1');
  },
  DDS_TOPIC_EXISTS: () => inLab('topics create temperature-data --site all'),
  DDS_UNKNOWN_SUBJECT: () => inLab('schemas show nope'),
  DDS_UNKNOWN_GROUP: () => inLab('groups describe nope'),
  DDS_GROUP_IN_USE: async () => {
    const { brokers } = (await status(lab.space)).sites.find(({ site }) => site === 'edge-1')!;
    await using _member = await startConsumer(brokers, { group: 'busy', topic: 'temperature-data' });
    return await inLab('groups delete busy --site edge-1 -y');
  },
  DDS_INCOMPATIBLE: () => {
    writeFileSync(join(lab.space.directory, 'other.avsc'), otherSchema);
    return inLab('schemas check temperature-data-value other.avsc --site edge-1');
  },
  DDS_SQL_TIMEOUT: () =>
    lab.space.dds([
      ...['query', '--site', 'edge-1', '--timeout', '300ms'],
      'SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range * b.range = c.range',
    ]),
  DDS_FILE_UNWRITABLE: () =>
    lab.space.dds(['query', 'SELECT 1', '--site', 'edge-1', '--parquet', 'nowhere/x.parquet']),
  DDS_SQL: () => lab.space.dds(['query', 'SELCT 1', '--site', 'edge-1']),
  DDS_SQL_READ_ONLY: () => lab.space.dds(['query', 'DROP TABLE temperature_data', '--site', 'edge-1']),
  DDS_UNDECODABLE: async () => {
    const edge = (await status(lab.space)).sites.find(({ site }) => site === 'edge-1')!;
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
  DDS_PARITY: async () => {
    const fault = 'fault add --site edge-1 --api DescribeQuorum --error NOT_CONTROLLER';
    expect(await inLab(fault)).toMatchObject({ code: 0 });
    try {
      return await inLab('parity --against edge-1 --only admin');
    } finally {
      await inLab('fault clear');
    }
  },
  DDS_FAILED: async () => {
    const full = openSync('/dev/full', 'w');
    const { status: code, stderr } = spawnSync(process.execPath, [launcher, 'protocol'], {
      ...{ cwd: lab.space.directory, encoding: 'utf8', stdio: ['ignore', full, 'pipe'] },
    });
    return { code, signal: null, stdout: '', stderr, elapsedMs: 0 };
  },
  DDS_BUG: () =>
    lab.space.dds(['status'], {
      env: preload(lab.space.directory, `process.cwd = () => { throw new TypeError('made by the test'); };`),
    }),
} satisfies Provocations<Exclude<ErrorCode, 'DDS_PROTOCOL' | OfDocker | Waiting>>);

test('DDS_PROTOCOL is in the log of a site that was sent something else than Kafka', async () => {
  const [kafka] = (await status(lab.space)).sites.find(({ site }) => site === 'edge-1')!.brokers;
  const socket = connect(portOf(kafka!), '127.0.0.1').on('error', () => undefined);
  socket.end('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  const { stdout } = await lab.space.dds(['logs', 'edge-1/site', '-n', '50', '--json']);
  expect(stdout).toContain('DDS_PROTOCOL');
});

testWhole(lab);
