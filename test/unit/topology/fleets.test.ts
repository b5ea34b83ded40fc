import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadTopology } from '../../../src/runtime/topology/index.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'dds-fleets-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const head = 'sites: { edge-1: , edge-2: , central: }\ntopics: { temperature-data: , t: }\nfleets:\n';
const load = (text: string) => {
  writeFileSync(join(cwd, 'dds.yaml'), head + text);
  return loadTopology({ cwd });
};

test('a fleet without settings is ten temperature sensors at the edge, one message a second each', async () => {
  const { fleets } = await load('  plant:\n');
  const shared = { name: 'plant', topic: 'temperature-data', schema: null, fields: {}, faults: {} };
  expect(fleets).toEqual([
    { ...shared, site: 'edge-1', sensors: 5, rate: 5, seed: 1 },
    { ...shared, site: 'edge-2', sensors: 5, rate: 5, seed: 2 },
  ]);
});

test('sensors and rate are shared out, and a site without a sensor has no service', async () => {
  const { fleets } = await load('  a: { sensors: 3, rate: 6k/m }\n  b: { sensors: 1, sites: all }\n');
  expect(
    fleets.map(({ name, site, sensors, rate }) => [name, site, sensors, Math.round(rate * 100) / 100]),
  ).toEqual([
    ['a', 'edge-1', 2, 66.67],
    ['a', 'edge-2', 1, 33.33],
    ['b', 'edge-1', 1, 1],
  ]);
});

test('schema, fields and faults are kept', async () => {
  writeFileSync(join(cwd, 'm.avsc'), '{"type":"record","name":"M","fields":[{"name":"v","type":"int"}]}');
  const { fleets } = await load(
    '  a:\n    sites: central\n    topic: t\n    schema: m.avsc\n    fields: { v: "walk(min=0,max=9)" }\n    faults: { late: "5%:30s", drop: 0.01 }\n',
  );
  expect(fleets).toMatchObject([
    {
      schema: join(cwd, 'm.avsc'),
      fields: { v: 'walk(min=0,max=9)' },
      faults: { late: '5%:30s', drop: '0.01' },
    },
  ]);
});

test.each([
  ['  a: { sites: edge-9 }\n', '4:15: there is no site "edge-9"'],
  ['  a: { topic: nope }\n', '4:15: edge-1 has no topic "nope"; add it under topics'],
  ['  a: { rate: fast }\n', '4:14: rate: found "fast", expected messages per second such as 250'],
  ['  a: { sensors: 0 }\n', '4:17: sensors: found 0, expected a whole number from 1 to 1000000'],
  ['  a: { faults: { late: 5% } }\n', '4:24: late: found "5%", expected a share and a time such as 5%:30s'],
  ['  a: { faults: { dorp: 1% } }\n', '4:18: unknown key "dorp"; did you mean "drop"?'],
  ['  a: { fields: { v: wlk() } }\n', '4:21: v: found "wlk()", expected a generator'],
  ['  a: { schema: ./none.avsc }\n', '4:16: schema ./none.avsc cannot be read'],
  ['  site:\n', '4:3: "site" is already the name of the site itself'],
])('%j is answered with the place', async (text, message) => {
  await expect(load(text)).rejects.toMatchObject({
    code: 'DDS_TOPOLOGY_INVALID',
    message: expect.stringContaining(`dds.yaml:${message}`),
  });
});
