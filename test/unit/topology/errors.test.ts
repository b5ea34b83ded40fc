import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadTopology } from '../../../src/runtime/topology/index.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'dds-topology-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

const names =
  'a name of lower-case letters, digits and dashes that begins with a letter, at most 40 characters';
const siteKeys = 'engine, role, ports, store, kafka, registry, docker, topics';

/** What stands in dds.yaml, and the one line that it is answered with. */
const cases: [string, string, string][] = [
  ['wrong type', 'sites:\n  edge-1:\n    role: 5\n', '3:11: role: found 5, expected "edge" or "central"'],
  [
    'wrong type of a number',
    'sites: { a: }\ntopics:\n  t: { partitions: four }\n',
    '3:20: partitions: found "four", expected a whole number from 1 to 1000',
  ],
  [
    'a fraction',
    'sites: { a: }\ntopics:\n  t: { partitions: 1.5 }\n',
    '3:20: partitions: found 1.5, expected a whole number from 1 to 1000',
  ],
  [
    'too many',
    'sites: { a: }\ntopics:\n  t: { partitions: 5000 }\n',
    '3:20: partitions: found 5000, expected a whole number from 1 to 1000',
  ],
  ['a list for a map', 'sites:\n  - edge-1\n', '2:3: sites: found a list, expected a map of sites'],
  [
    'a word for a site',
    'sites:\n  edge-1: here\n',
    `2:11: edge-1: found "here", expected a site (${siteKeys})`,
  ],
  [
    'duplicate site',
    'sites:\n  edge-1:\n  edge-1:\n',
    '3:3: "edge-1" is there twice; every name may be used once',
  ],
  ['unknown key', 'sites:\n  edge-1:\n    prots: {}\n', '3:5: unknown key "prots"; did you mean "ports"?'],
  [
    'unknown key, nothing near',
    'sites:\n  edge-1:\n    colour: red\n',
    `3:5: unknown key "colour"; allowed: ${siteKeys}`,
  ],
  ['unknown top-level key', 'sites: { a: }\nrelay: {}\n', '2:1: unknown key "relay"; did you mean "relays"?'],
  ['a site name', 'sites:\n  Edge 1:\n', `2:3: "Edge 1" is not allowed here; expected ${names}`],
  [
    'a topic name',
    'sites: { a: }\ntopics:\n  a b:\n',
    '3:3: "a b" is not allowed here; expected the name of a topic: letters, digits, ".", "_" and "-", at most 249 characters',
  ],
  ['no sites', 'name: x\n', '1:1: "sites" is missing; expected a map of sites'],
  ['empty sites', 'sites: {}\n', '1:8: there is no site; expected at least one'],
  [
    'an empty file',
    '',
    '1:1: found nothing, expected a topology (name, engine, kafka, docker, sites, topics, relays, sinks, detectors, notifiers, jobs, fleets)',
  ],
  ['a site called all', 'sites: { all: }\n', '1:10: "all" means every site and cannot name one'],
  [
    'relay from nowhere',
    'sites: { edge-1: , central: }\nrelays:\n  relay:\n    sources: [edge-1, edge-7]\n',
    '4:23: there is no site "edge-7"; did you mean "edge-1"? there are edge-1, central',
  ],
  [
    'relay to nowhere',
    'sites: { edge-1: , central: }\nrelays:\n  relay: { site: zurich }\n',
    '3:18: there is no site "zurich"; there are edge-1, central',
  ],
  [
    'relay to itself',
    'sites: { edge-1: , central: }\nrelays:\n  relay: { sources: central }\n',
    '3:21: central is where relay writes to; expected other sites',
  ],
  [
    'relay without a centre',
    'sites: { edge-1: }\nrelays: { relay: }\n',
    '2:11: relay needs "site": there are 0 central sites to choose from',
  ],
  [
    'a broken pattern',
    'sites: { edge-1: , central: }\nrelays:\n  relay:\n    topics: [a, /(/]\n',
    '4:17: /(/ is not a valid regular expression',
  ],
  [
    'sink without a store',
    'sites: { a: { store: none } }\nsinks: { sink: { sites: a } }\n',
    '2:25: a has no store for sink; give it "store: duckdb"',
  ],
  [
    'Cassandra that nobody starts',
    'sites: { a: { store: cassandra } }\n',
    '1:22: the engine embedded starts no Cassandra for a; name the "contact-points" of one that exists, or take "store: duckdb"',
  ],
  [
    'a store of a wrong name',
    'sites: { a: { store: mysql } }\n',
    '1:22: store: found "mysql", expected "duckdb", "cassandra", "none" or a map with settings of cassandra',
  ],
  [
    'a mistyped setting of a store',
    'sites:\n  a:\n    store:\n      cassandra: { contact-points: [h], ttll: 3d }\n',
    '4:41: unknown key "ttll"; did you mean "ttl"?',
  ],
  [
    'a setting of a store that is no time',
    'sites:\n  a:\n    store:\n      cassandra: { contact-points: [h], ttl: 30 }\n',
    '4:46: ttl: found 30, expected a time such as 12h or 30d',
  ],
  [
    'rows that live longer than Cassandra allows',
    'sites:\n  a:\n    store:\n      cassandra: { contact-points: [h], ttl: 9000d }\n',
    '4:46: ttl: found "9000d", expected at most 7300d',
  ],
  [
    'ports that clash',
    'sites:\n  edge-1:\n  central:\n    ports: { registry: 9192 }\n',
    '4:24: port 9192 is also the kafka port of edge-1',
  ],
  [
    'a port that is none',
    'sites:\n  a: { ports: { wan: 70000 } }\n',
    '2:22: wan: found 70000, expected a port from 1 to 65535',
  ],
  [
    'unsupported engine',
    'engine: podman\nsites: { a: }\n',
    '1:9: engine: found "podman", expected "embedded" or "docker" or "external"',
  ],
  [
    'schema file missing',
    'sites: { a: }\ntopics:\n  t: { schema: none.avsc }\n',
    '3:16: schema none.avsc cannot be read: there is no such file',
  ],
  [
    'schema that is not Avro',
    'sites: { a: }\ntopics:\n  t: { schema: bad.avsc }\n',
    '3:16: schema bad.avsc is not valid Avro: undefined type name: strin',
  ],
  [
    'schema that is not JSON',
    'sites: { a: }\ntopics:\n  t: { schema: ./dds.yaml }\n',
    `3:16: schema ./dds.yaml is not valid Avro: Unexpected token 's', "sites: { a"... is not valid JSON`,
  ],
  [
    'unknown built-in record',
    'sites: { a: }\ntopics:\n  t: { schema: TemperaturData }\n',
    '3:16: no built-in record is named TemperaturData; did you mean TemperatureData?',
  ],
  [
    'two jobs of a name',
    'sites: { a: }\njobs:\n  x: { command: a, sites: a }\n  x: { command: b, sites: a }\n',
    '4:3: "x" is there twice; every name may be used once',
  ],
  [
    'a job named as a sink',
    'sites: { a: }\nsinks: { x: }\njobs:\n  x: { command: a, sites: a }\n',
    '4:3: "x" is already the name of one of sinks at a; expected another name',
  ],
  [
    'a job named site',
    'sites: { a: }\njobs:\n  site: { command: a, sites: a }\n',
    '3:3: "site" is already the name of the site itself at a; expected another name',
  ],
  [
    'a job without command',
    'sites: { a: }\njobs:\n  x: { sites: a }\n',
    '3:3: "command" is missing; expected a command as a string or as a list of words',
  ],
  [
    'an open quote',
    `sites: { a: }\njobs:\n  x: { command: echo 'a, sites: a }\n`,
    '3:17: command: a quote is not closed',
  ],
  [
    'a job at no site',
    'sites: { a: }\njobs:\n  x: { command: a, sites: b-* }\n',
    '3:27: no site matches b-*; there are a',
  ],
  [
    'bad indentation',
    'sites:\n  a:\n   role: edge\n  - b\n',
    '4:1: A block sequence may not be used as an implicit map key',
  ],
];

describe('dds.yaml that cannot be used', () => {
  it.each(cases)('%s', async (_what, text, expected) => {
    await writeFile(join(cwd, 'dds.yaml'), text);
    await writeFile(
      join(cwd, 'bad.avsc'),
      '{"type":"record","name":"R","fields":[{"name":"a","type":"strin"}]}',
    );
    await expect(loadTopology({ cwd })).rejects.toMatchObject({
      code: 'DDS_TOPOLOGY_INVALID',
      message: `dds.yaml:${expected}`,
    });
  });

  it('tells the first problem and keeps the others in the details', async () => {
    await writeFile(
      join(cwd, 'dds.yaml'),
      'sites: { a: }\nsink: {}\ntopics:\n  t: { partitions: x }\n  u: { parts: 1 }\n',
    );
    await expect(loadTopology({ cwd })).rejects.toMatchObject({
      message: 'dds.yaml:2:1: unknown key "sink"; did you mean "sinks"?',
      hint: expect.stringContaining('2 more'),
      details: {
        file: 'dds.yaml',
        line: 2,
        column: 1,
        problems: [{ line: 2 }, { line: 4, column: 20 }, { line: 5, column: 8 }],
      },
    });
  });

  it('shows the path as the user gave it', async () => {
    await writeFile(join(cwd, 'other.yaml'), 'sites: 1\n');
    await expect(loadTopology({ cwd, file: 'other.yaml' })).rejects.toMatchObject({
      message: 'other.yaml:1:8: sites: found 1, expected a map of sites',
    });
  });

  it.each([0, -1, 500, 21, 1.5, Number.NaN])('--sites %s', async (sites) => {
    await expect(loadTopology({ cwd, sites })).rejects.toMatchObject({
      code: 'DDS_USAGE',
      message: `--sites takes a whole number from 1 to 20, not ${sites}`,
    });
  });

  it('names the engine that is not there, and the file that is not', async () => {
    await expect(loadTopology({ cwd, engine: 'podman' })).rejects.toMatchObject({ code: 'DDS_USAGE' });
    await expect(loadTopology({ cwd, file: 'x.yaml' })).rejects.toMatchObject({
      code: 'DDS_TOPOLOGY_MISSING',
      message: 'there is no file x.yaml',
    });
    await expect(loadTopology({ cwd, file: '.' })).rejects.toMatchObject({ code: 'DDS_FILE_UNREADABLE' });
  });
});
