import { hostname } from 'node:os';
import { expect, test } from 'vitest';
import { planChanges } from '../../../src/runtime/stack/changes.ts';
import { planServices } from '../../../src/runtime/stack/plan.ts';
import { serviceSocket } from '../../../src/runtime/stack/run-directory.ts';
import { stateDirectory } from '../../../src/runtime/stack/state-directory.ts';
import { loadTopology, type Topology } from '../../../src/runtime/topology/index.ts';

const example = (sites: number) => loadTopology({ cwd: '/nowhere', sites });

test('a stack of two edges has a site, a sink and a detector each; the centre has the relay and the notifier', async () => {
  const services = planServices(await example(2), stateDirectory('/lab', 'x'), '/run');
  expect(services.map(({ service, kind }) => `${service} ${kind}`)).toEqual([
    'edge-1/site site',
    'edge-2/site site',
    'central/site site',
    'edge-1/sink sink',
    'edge-2/sink sink',
    'central/sink sink',
    'central/relay relay',
    'edge-1/detector detector',
    'edge-2/detector detector',
    'central/notifier notifier',
  ]);
});

test('jobs are started with the command line that a container would use', async () => {
  const services = planServices(await example(1), stateDirectory('/lab', 'x'), '/run');
  const argsOf = (name: string) => {
    const { args } = services.find(({ service }) => service === name)!.program;
    return args.slice(args.findIndex((arg) => arg.endsWith('dds.js')) + 1).join(' ');
  };
  expect(argsOf('edge-1/sink')).toMatch(
    /^run sink --site edge-1 --brokers 127\.0\.0\.1:9192 --registry http:\/\/127\.0\.0\.1:8181 --topics \S+ --exclude .*--store duckdb:\/lab\/\.dds\/x\/sites\/edge-1\/store\.duckdb --http unix:\/run\/edge-1\.sink\.sock$/,
  );
  expect(argsOf('central/relay')).toContain(
    '--source edge-1,brokers=127.0.0.1:9193,registry=http://127.0.0.1:8181 --http unix:/run/central.relay.sock',
  );
});

test('a job that works exactly once is told its name, by which it is known when it is back', async () => {
  const topology = await example(1);
  const detectors = topology.detectors.map((one) => ({ ...one, guarantee: 'exactly-once' as const }));
  const services = planServices({ ...topology, detectors }, stateDirectory('/lab', 'x'), '/run');
  const argsOf = (name: string) => services.find(({ service }) => service === name)!.program.args.join(' ');
  expect(argsOf('edge-1/detector')).toContain(`--guarantee exactly-once --instance ${hostname()}.edge-1 `);
  expect(argsOf('central/notifier')).not.toContain('--guarantee');
});

test('the address of a webhook, which may be a secret, is on no command line', async () => {
  const topology = await example(1);
  const webhook = 'https://hooks.example.org/T0/secret';
  const notifiers = topology.notifiers.map((one) => ({ ...one, webhook, channels: ['webhook' as const] }));
  const services = planServices({ ...topology, notifiers }, stateDirectory('/lab', 'x'), '/run');
  const { args, env } = services.find(({ service }) => service === 'central/notifier')!.program;
  expect(args.join(' ')).not.toContain('secret');
  expect(env.DDS_WEBHOOK).toBe(webhook);
});

test('a socket path stays within what the system allows', () => {
  expect(
    Buffer.byteLength(serviceSocket('/tmp/dds-1000/0123456789ab', `${'e'.repeat(90)}/sink`)),
  ).toBeLessThan(100);
});

test('changes are told as steps, with what is different', async () => {
  const directory = stateDirectory('/lab', 'x');
  const planned = (topology: Topology) => ({ topology, services: planServices(topology, directory, '/run') });
  const one = JSON.parse(JSON.stringify(await example(1)));
  expect(planChanges(planned(one), planned(await example(1)))).toEqual([]);
  const moved = JSON.parse(JSON.stringify(one));
  moved.sites[0].ports.kafka = 20_000;
  moved.sites[0].topics[0].partitions = 8;
  const steps = planChanges(planned(one), planned(moved)).map(({ action, what }) => `${action} ${what}`);
  expect(steps).toEqual([
    'alter topic temperature-data of edge-1',
    'restart edge-1/site',
    'restart edge-1/sink',
    'restart edge-1/detector',
  ]);
  expect(() => planChanges(planned(moved), planned(one))).toThrow(/has 8 partitions and cannot have 4/);
  expect(planChanges(planned(one), planned(await example(2)))).toEqual([
    { action: 'add', what: 'edge-2/site' },
    { action: 'add', what: 'edge-2/sink' },
    { action: 'restart', what: 'central/relay', why: expect.stringMatching(/^--source edge-1.* → edge-1/) },
    { action: 'add', what: 'edge-2/detector' },
  ]);
});
