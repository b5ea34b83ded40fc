import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initTopology } from '../../../src/runtime/init/index.ts';
import { loadTopology } from '../../../src/runtime/topology/index.ts';
import { splitCommand } from '../../../src/runtime/topology/split-command.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'dds-topology-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const load = async (text: string) => {
  await writeFile(join(cwd, 'dds.yaml'), text);
  return loadTopology({ cwd });
};

describe('brokers', () => {
  it('are one, or three at all sites that dds starts, or at one of them', async () => {
    const brokers = async (text: string) => (await load(text)).sites.map((site) => site.brokers);
    const sites = (central: string) => `sites: { edge-1: , central: ${central} }\n`;
    expect(await brokers(sites(''))).toEqual([1, 1]);
    expect(await brokers(`kafka: { brokers: 3 }\n${sites('{ kafka: { brokers: 1 } }')}`)).toEqual([3, 1]);
    expect(await brokers(sites('{ kafka: { brokers: 3 } }'))).toEqual([1, 3]);
    expect(await brokers(`docker: { brokers: 3 }\n${sites('{ engine: docker }')}`)).toEqual([1, 3]);
    expect(
      await brokers(`kafka: { brokers: 3 }\n${sites('{ engine: docker, docker: { brokers: 1 } }')}`),
    ).toEqual([3, 1]);
  });

  it('of a site have ports that no other site may have', async () => {
    const text = 'kafka: { brokers: 3 }\nsites: { edge-1: , edge-2: { ports: { kafka: 9196 } } }\n';
    await expect(load(text)).rejects.toMatchObject({
      message: 'dds.yaml:2:46: port 9196 is also the kafka port of edge-1',
    });
  });
});

describe('the example', () => {
  it('is the thesis: its topics at every site, one relay, a sink a site', async () => {
    const topology = await loadTopology({ cwd, sites: 3 });
    expect(topology).toMatchObject({ name: 'default', engine: 'embedded', file: null, jobs: [] });
    expect(
      topology.sites.map(({ name, role, ports, store }) => [
        name,
        role,
        ports.kafka,
        ports.wan,
        ports.registry,
        store?.kind,
      ]),
    ).toEqual([
      ['edge-1', 'edge', 9192, 9193, 8181, 'duckdb'],
      ['edge-2', 'edge', 9292, 9293, 8281, 'duckdb'],
      ['edge-3', 'edge', 9392, 9393, 8381, 'duckdb'],
      ['central', 'central', 9092, 9093, 8081, 'duckdb'],
    ]);
    const topics = [
      'temperature-data',
      'temperature-threshold-events',
      'device-registration',
      'sensor-registration',
      'sensor-type-registration',
    ];
    for (const site of topology.sites) {
      expect(site.topics.map(({ name }) => name)).toEqual(topics);
      expect(site.topics.map(({ partitions }) => partitions)).toEqual([4, 1, 1, 1, 1]);
      expect(site.topics.map(({ configs }) => configs['cleanup.policy'])).toEqual([
        'delete',
        'delete',
        'compact',
        'compact',
        'compact',
      ]);
      expect(site.topics[0]!.schema!.subject).toBe('temperature-data-value');
      expect(JSON.parse(site.topics[0]!.schema!.text).name).toBe('TemperatureData');
    }
    expect(topology.relays).toEqual([
      {
        ...{ name: 'relay', site: 'central', sources: ['edge-1', 'edge-2', 'edge-3'], topics, exclude: [] },
        ...{ delivery: 'exactly-once', names: 'same', schemas: 'strict', onError: 'hold' },
      },
    ]);
    expect(topology.sinks.map(({ site }) => site)).toEqual(['edge-1', 'edge-2', 'edge-3', 'central']);
  });

  it('has ports of its own for each of 20 sites', async () => {
    const { sites } = await loadTopology({ cwd, sites: 20 });
    expect(new Set(sites.flatMap(({ ports }) => Object.values(ports))).size).toBe(84);
  });

  it('is what is taken where there is no file, with two edges', async () => {
    expect(await loadTopology({ cwd })).toEqual(await loadTopology({ cwd, sites: 2 }));
  });
});

describe('dds init topology', () => {
  it.each([1, 2, 20])('writes what --sites %i builds', async (sites) => {
    const { file } = await initTopology({ cwd, given: { sites: String(sites) } });
    expect(await loadTopology({ cwd })).toEqual({ ...(await loadTopology({ cwd, sites })), file });
    expect(await readFile(file, 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\S+\/docs\/dds\.schema\.json\n/,
    );
  });

  it('overwrites only when forced', async () => {
    await mkdir(join(cwd, 'lab'));
    const file = 'lab/x.yaml';
    await writeFile(join(cwd, file), 'mine');
    await expect(initTopology({ cwd, file })).rejects.toMatchObject({ code: 'DDS_FILE_EXISTS' });
    expect(await readFile(join(cwd, file), 'utf8')).toBe('mine');
    await initTopology({ cwd, file, force: true });
    expect((await loadTopology({ cwd, file })).sites).toHaveLength(3);
  });

  it('takes no number of sites that up does not take', async () => {
    await expect(initTopology({ cwd, given: { sites: '0' } })).rejects.toMatchObject({ code: 'DDS_USAGE' });
  });
});

describe('a file', () => {
  it('may say little', async () => {
    const topology = await load('sites:\n  berlin:\n  edge-1:\n  zurich:\n');
    expect(topology.sites.map(({ name, role, ports, topics }) => [name, role, ports.kafka, topics])).toEqual([
      ['berlin', 'edge', 9292, []],
      ['edge-1', 'edge', 9192, []],
      ['zurich', 'edge', 9392, []],
    ]);
    expect(topology).toMatchObject({
      name: 'default',
      relays: [],
      sinks: [],
      jobs: [],
      file: join(cwd, 'dds.yaml'),
    });
  });

  it('gives topics to sites, with other settings where a site wants them', async () => {
    await mkdir(join(cwd, 'avro'));
    await writeFile(join(cwd, 'avro/wind.avsc'), '{ "type": "record", "name": "Wind",\n "fields": [] }');
    const { sites } = await load(
      [
        'sites:',
        '  edge-1: { topics: { wind: { partitions: 8, configs: { retention.ms: 1000 } }, own: } }',
        '  edge-2:',
        '  central:',
        'topics:',
        '  wind: { sites: [edge-*], partitions: 2, schema: avro/wind.avsc, configs: { cleanup.policy: compact, preallocate: true } }',
        '  rain:',
      ].join('\n'),
    );
    const schema = { subject: 'wind-value', text: '{"type":"record","name":"Wind","fields":[]}' };
    const rain = { name: 'rain', partitions: 1, configs: {}, schema: null };
    const configs = { 'cleanup.policy': 'compact', preallocate: 'true' };
    expect(sites.map(({ topics }) => topics)).toEqual([
      [
        { name: 'wind', partitions: 8, configs: { ...configs, 'retention.ms': '1000' }, schema },
        rain,
        { name: 'own', partitions: 1, configs: {}, schema: null },
      ],
      [{ name: 'wind', partitions: 2, configs, schema }, rain],
      [rain],
    ]);
  });

  it('has a store by name, or with its settings', async () => {
    const topology = await load(
      [
        'sites:',
        '  edge-1: { store: duckdb }',
        '  edge-2: { store: none }',
        '  edge-3: { store: { cassandra: { contact-points: [10.0.0.1, "b:9043"] } } }',
        '  central:',
        '    store:',
        '      cassandra: { contact-points: [c], datacenter: dc2, keyspace: k, replication: 3, ttl: 30d, bucket: 12h, ca: ca.pem }',
        'sinks: { sink: }',
      ].join('\n'),
    );
    const base = { kind: 'cassandra', localDataCenter: 'datacenter1', replication: 1, ttlSeconds: null };
    const stores = [
      { kind: 'duckdb' },
      null,
      {
        ...{ ...base, contactPoints: ['10.0.0.1:9042', 'b:9043'], keyspace: 'dds_edge_3' },
        ...{ bucketSeconds: 86_400, access: null, tls: false, ca: null },
      },
      {
        ...{ ...base, contactPoints: ['c:9042'], localDataCenter: 'dc2', keyspace: 'k', replication: 3 },
        ...{ ttlSeconds: 2_592_000, bucketSeconds: 43_200, access: null, tls: true, ca: join(cwd, 'ca.pem') },
      },
    ];
    expect(topology.sites.map(({ store }) => store)).toEqual(stores);
    expect(topology.sinks.map(({ store }) => store)).toEqual(stores.filter((store) => store));
  });

  it('has relays, sinks and jobs', async () => {
    const topology = await load(
      [
        'sites: { edge-1: , edge-2: { store: none }, central: , archive: { role: central } }',
        'topics: { a: , b: { sites: central } }',
        'relays:',
        '  relay: { site: central, sources: edge-*, exclude: ["*-x"] }',
        '  backup: { site: archive, sources: central, delivery: at-least-once, names: "{site}.{topic}", on-error: dead-letter }',
        'sinks: { sink: { topics: [/^a/] } }',
        'jobs:',
        '  forecast: { sites: [central, edge-2], command: "node x.js --at \'a b\'", env: { N: 1, ON: true } }',
        '  other: { sites: edge-1, command: [sh, -c, "echo $HOME"], cwd: sub }',
      ].join('\n'),
    );
    expect(topology.relays).toEqual([
      {
        ...{ name: 'relay', site: 'central', sources: ['edge-1', 'edge-2'], topics: ['a'], exclude: ['*-x'] },
        ...{ delivery: 'exactly-once', names: 'same', schemas: 'strict', onError: 'hold' },
      },
      {
        ...{ name: 'backup', site: 'archive', sources: ['central'], topics: ['a', 'b'], exclude: [] },
        ...{ delivery: 'at-least-once', names: '{site}.{topic}', schemas: 'strict', onError: 'dead-letter' },
      },
    ]);
    expect(topology.sinks.map(({ site, topics }) => [site, topics])).toEqual([
      ['edge-1', ['/^a/']],
      ['central', ['/^a/']],
      ['archive', ['/^a/']],
    ]);
    const forecast = {
      name: 'forecast',
      command: ['node', 'x.js', '--at', 'a b'],
      env: { N: '1', ON: 'true' },
      cwd,
    };
    expect(topology.jobs).toEqual([
      { ...forecast, site: 'edge-2' },
      { ...forecast, site: 'central' },
      { name: 'other', site: 'edge-1', command: ['sh', '-c', 'echo $HOME'], env: {}, cwd: join(cwd, 'sub') },
    ]);
    expect(topology.sites.map(({ ports }) => ports.kafka)).toEqual([9192, 9292, 9092, 9392]);
  });
});

it.each([
  ['a b  c', ['a', 'b', 'c']],
  [`a 'b "c' "d 'e\\"" f\\ g`, ['a', 'b "c', `d 'e"`, 'f g']],
  [`a''b "" '\\'`, ['ab', '', '\\']],
  ['  ', []],
  [`a "b`, null],
])('splitCommand(%s)', (line, words) => expect(splitCommand(line)).toEqual(words));
