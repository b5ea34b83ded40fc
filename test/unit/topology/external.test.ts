import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadTopology } from '../../../src/runtime/topology/index.ts';
import { readAccess } from '../../../src/runtime/topology/read-access.ts';

const cwd = mkdtempSync(join(tmpdir(), 'dds-external-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const load = (text: string, engine?: string) => {
  writeFileSync(join(cwd, 'dds.yaml'), text);
  return loadTopology({ cwd, engine });
};
const site = (text: string) => `sites:\n  central: { engine: external, ${text} }\n`;
const kafka = 'kafka: { brokers: [k:9092] }';
const registry = 'registry: { url: http://r:8081 }';

test('a site with a cluster of its own: absolute paths, secrets only named', async () => {
  const { engine, sites } = await load(`
sites:
  edge-1:
  central:
    engine: external
    kafka:
      brokers: [a:9092, "[::1]:9093"]
      tls: { ca: certs/ca.pem, servername: kafka }
      sasl: { mechanism: scram-sha-512, username: dds, password: { env: PASSWORD } }
    registry: { url: https://r/apis/ccompat/v7, token: { file: token }, tls: {} }
    store:
      cassandra: { contact-points: [c], username: dds, password: { file: /run/secrets/c } }
`);
  expect(engine).toBe('embedded');
  expect(sites.map((one) => one.engine)).toEqual(['embedded', 'external']);
  expect(sites[0]!.cluster).toBeNull();
  expect(sites[1]!.cluster).toEqual({
    brokers: ['a:9092', '[::1]:9093'],
    registryUrl: 'https://r/apis/ccompat/v7',
    access: {
      kafka: {
        tls: { ca: join(cwd, 'certs/ca.pem'), servername: 'kafka' },
        sasl: { mechanism: 'scram-sha-512', username: 'dds', password: { env: 'PASSWORD' } },
      },
      registry: { token: { file: join(cwd, 'token') }, tls: {} },
    },
  });
  expect(sites[1]!.store).toMatchObject({
    access: { username: 'dds', password: { file: '/run/secrets/c' } },
  });
});

test('the engine that is asked for is that of the sites that do not name theirs', async () => {
  const text = `sites:\n  a: { ${kafka}, ${registry} }\n  b: { engine: embedded }\n`;
  const engines = async (engine: string) => (await load(text, engine)).sites.map((one) => one.engine);
  expect(await engines('external')).toEqual(['external', 'embedded']);
  expect(await engines('embedded')).toEqual(['embedded', 'embedded']);
});

test.each<[string, string, string]>([
  [
    'no cluster',
    'sites:\n  a: { engine: external }\n',
    '2:3: a is external and needs "kafka"; expected kafka: { brokers: [host:9092] }',
  ],
  [
    'no registry',
    site(kafka),
    '2:3: central is external and needs "registry"; expected registry: { url: http://host:8081 }',
  ],
  [
    'a cluster and no engine',
    `sites:\n  a: { ${kafka} }\n`,
    '2:8: a has kafka, and nothing says engine: external; write it there',
  ],
  [
    'ports',
    site(`${kafka}, ${registry}, ports: {}`),
    '2:96: central is external: it has no ports of its own; remove "ports"',
  ],
  [
    'a number of brokers',
    site(`kafka: { brokers: 3 }, ${registry}`),
    '2:50: central is external: "brokers" says where they are; expected kafka: { brokers: [host:9092] }',
  ],
  [
    'no port',
    site(`kafka: { brokers: [k] }, ${registry}`),
    '2:51: 0: found "k", expected a list of host:port with engine external, 1 or 3 with another',
  ],
  [
    'a password in the file',
    site(
      `kafka: { brokers: [k:1], sasl: { mechanism: plain, username: u, password: hunter2 } }, ${registry}`,
    ),
    '2:106: password: found a value, expected where the secret is: { env: NAME } or { file: PATH }; it is never written into this file itself',
  ],
  [
    'a password in an address',
    site(`${kafka}, registry: { url: "http://u:hunter2@r:8081" }`),
    '2:79: url: found "http://…@r:8081", expected an http or https address without user and password',
  ],
  [
    'both places',
    site(`${kafka}, registry: { url: http://r, username: u, password: { env: A, file: b } }`),
    '2:112: password: expected either env or file',
  ],
  [
    'a user alone',
    site(`${kafka}, registry: { url: http://r, username: u }`),
    '2:62: registry: username and password are given together, or neither',
  ],
  [
    'no password',
    site(`kafka: { brokers: [k:1], sasl: { mechanism: plain, username: u } }, ${registry}`),
    '2:57: sasl: plain needs "password"',
  ],
  [
    'a certificate alone',
    site(`kafka: { brokers: [k:1], tls: { cert: c } }, ${registry}`),
    '2:57: tls: cert and key are given together, or neither',
  ],
  [
    'an unknown mechanism',
    site(`kafka: { brokers: [k:1], sasl: { mechanism: gssapi } }, ${registry}`),
    '2:76: mechanism: found "gssapi", expected plain, scram-sha-256, scram-sha-512 or oauthbearer',
  ],
  [
    'TLS for http',
    site(`${kafka}, registry: { url: http://r, tls: {} }`),
    '2:89: tls: the url does not begin with https',
  ],
])('%s', async (_, text, message) => {
  const error = await load(text).then(
    () => null,
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ code: 'DDS_TOPOLOGY_INVALID' });
  expect(error?.message).toBe(`dds.yaml:${message}`);
  expect(JSON.stringify(error)).not.toContain('hunter2');
});

test('the example has no clusters that exist', async () => {
  await expect(loadTopology({ cwd, sites: 2, engine: 'external' })).rejects.toMatchObject({
    code: 'DDS_USAGE',
  });
});

test('access is read from a file, or given as JSON; paths count from where it is', async () => {
  writeFileSync(join(cwd, 'access.yaml'), 'central:\n  kafka: { tls: { ca: ca.pem } }\n');
  const expected = { central: { kafka: { tls: { ca: join(cwd, 'ca.pem') } } } };
  expect(await readAccess('access.yaml', cwd)).toEqual(expected);
  expect(await readAccess(JSON.stringify(expected), '/')).toEqual(expected);
  expect(await readAccess(undefined, cwd)).toEqual({});
  writeFileSync(
    join(cwd, 'access.yaml'),
    'central:\n  kafka: { sasl: { mechanism: plain, username: u, password: hunter2 } }\n',
  );
  await expect(readAccess('access.yaml', cwd)).rejects.toMatchObject({
    code: 'DDS_TOPOLOGY_INVALID',
    message: expect.stringMatching(/^access\.yaml:2:61: password: found a value/),
    hint: 'Correct it there; docs/external.md has an example.',
  });
  await expect(readAccess('nowhere.yaml', cwd)).rejects.toMatchObject({ code: 'DDS_FILE_UNREADABLE' });
});
