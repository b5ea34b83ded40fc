import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Workspace } from '../support/cli.ts';
import { countAt } from '../support/e2e/count-readings.ts';
import { status, until } from '../support/stack.ts';
import { docker, dockerWorkspace, leftOf } from './docker.ts';

const patient = { timeoutMs: 400_000 };
let space: Workspace;
let brokers: string[];

beforeAll(async () => {
  space = dockerWorkspace();
  writeFileSync(
    join(space.directory, 'dds.yaml'),
    `engine: docker
docker: { brokers: 3, registry: embedded }
sites: { central: {} }
topics: { temperature-data: { partitions: 6, schema: TemperatureData } }
sinks: { sink: }
`,
  );
  const up = await space.dds(['up', '--ports', 'auto'], patient);
  expect(up.code, up.stderr).toBe(0);
  brokers = (await status(space)).sites[0]!.brokers;
  expect(brokers).toHaveLength(3);
}, 420_000);
afterAll(() => space[Symbol.asyncDispose](), 120_000);

const container = (node: number) => leftOf(space).containers.find((name) => name.endsWith(`-kafka-${node}`))!;

test('kafkajs sees three brokers, and three replicas of every partition', async () => {
  const kafka = new Kafka({ brokers, clientId: 'test', logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const cluster = await admin.describeCluster();
    expect(cluster.brokers.map(({ host, port }) => `${host}:${port}`).sort()).toEqual([...brokers].sort());
    const { topics } = await admin.fetchTopicMetadata({ topics: ['temperature-data'] });
    expect(topics[0]!.partitions).toHaveLength(6);
    for (const { replicas } of topics[0]!.partitions) expect([...replicas].sort()).toEqual([1, 2, 3]);
  } finally {
    await admin.disconnect();
  }
});

const kcat = spawnSync('kcat', ['-V']).status === 0;
test.skipIf(!kcat)(`kcat sees them${kcat ? '' : ' (skipped: kcat is not installed)'}`, () => {
  const { stdout } = spawnSync('kcat', ['-L', '-b', brokers[0]!], { encoding: 'utf8' });
  expect(stdout).toMatch(/ 3 brokers:/);
  expect(stdout).toMatch(/topic "temperature-data" with 6 partitions:/);
});

test("Kafka's own console tools see them, from inside the network", () => {
  const tool = (name: string, ...args: string[]) =>
    docker(
      'exec',
      container(1),
      `/opt/kafka/bin/${name}.sh`,
      '--bootstrap-server',
      'central-kafka-2:9094',
      ...args,
    );
  expect(tool('kafka-topics', '--describe', '--topic', 'temperature-data')).toMatch(
    /PartitionCount: 6\s+ReplicationFactor: 3/,
  );
  expect(tool('kafka-broker-api-versions').match(/\(id: \d rack/g)).toHaveLength(3);
});

test('one of three brokers is killed in the middle of 2,000/s: nothing that was acknowledged is lost', async () => {
  const load = space.start(
    [
      'simulate',
      '--rate',
      '2000',
      '--sensors',
      '100',
      // Not a time: beside all these containers the rate may not be held.
      '--count',
      '40000',
      '--no-register',
      '--site',
      'central',
      '--json',
    ],
    patient,
  );
  const stored = async () => (await countAt(space, 'central'))[0]!;
  await until(stored, ({ rows }) => rows > 2_000, 60_000);
  docker('kill', container(2));
  const run = await load.result;
  const { acked, failed } = JSON.parse(run.stdout) as { acked: number; failed: number };
  expect({ acked, failed }).toEqual({ acked: 40_000, failed: 0 });
  const all = await until(stored, ({ readings }) => readings >= acked, 60_000);
  expect(all).toEqual({ rows: acked, readings: acked });
  const info = await until(
    async () => (await status(space)).services.find(({ service }) => service === 'central/site')!.info,
    (now) => JSON.stringify(now).includes('"restarts":1'),
    60_000,
  );
  const { containers } = info as { containers: { part: string }[] };
  expect(containers.find(({ part }) => part === 'kafka-2')).toMatchObject({ restarts: 1, state: 'running' });
});
