import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashOf } from '../../../src/runtime/engines/docker/container-spec.ts';
import { dockerStack } from '../../../src/runtime/engines/docker/docker-stack.ts';
import { siteContainers } from '../../../src/runtime/engines/docker/site-containers.ts';
import { imagesOfEnvironment, loadTopology, registryUrl } from '../../../src/runtime/topology/index.ts';

const stack = dockerStack('/somewhere/.dds/default');

async function site(text: string, env: Record<string, string> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), 'dds-unit-'));
  writeFileSync(join(cwd, 'dds.yaml'), `engine: docker\n${text}`);
  return (await loadTopology({ cwd, images: imagesOfEnvironment(env) })).sites[0]!;
}

test('a site is a broker, a registry and a database, each with an address of its own for whom it serves', async () => {
  const edge = await site('sites: { edge-1: }\n');
  const parts = siteContainers(edge, stack);
  expect(parts.map(({ part, image, ports }) => [part, image, ports])).toEqual([
    [
      'kafka-1',
      'apache/kafka:4.4.0',
      [
        { container: 9092, host: 9192 },
        { container: 9093, host: 9193 },
      ],
    ],
    ['registry', 'apicurio/apicurio-registry:3.3.3', [{ container: 8080, host: 8181 }]],
    ['cassandra', 'cassandra:5.0.9', [{ container: 9042, host: 9142 }]],
  ]);
  expect(parts[0]!.env.KAFKA_ADVERTISED_LISTENERS).toBe(
    'HOST://127.0.0.1:9192,WAN://127.0.0.1:9193,STACK://edge-1-kafka-1:9094',
  );
  expect(registryUrl(edge)).toBe('http://127.0.0.1:8181/apis/ccompat/v7');
});

test('three brokers know each other, keep three replicas, and have ports of their own', async () => {
  const edge = await site(
    'docker: { brokers: 3, registry: confluent }\nsites: { edge-1: { store: duckdb } }\n',
  );
  const parts = siteContainers(edge, stack);
  expect(parts.map(({ part, ports }) => [part, ports.map(({ host }) => host)])).toEqual([
    ['kafka-1', [9192, 9193]],
    ['kafka-2', [9194, 9195]],
    ['kafka-3', [9196, 9197]],
    ['registry', [8181]],
  ]);
  for (const { env } of parts.slice(0, 3)) {
    expect(env).toMatchObject({ KAFKA_DEFAULT_REPLICATION_FACTOR: '3', KAFKA_MIN_INSYNC_REPLICAS: '2' });
    expect(env.KAFKA_CONTROLLER_QUORUM_VOTERS).toBe(
      '1@edge-1-kafka-1:9095,2@edge-1-kafka-2:9095,3@edge-1-kafka-3:9095',
    );
  }
  expect(new Set(parts.slice(0, 3).map(({ env }) => env.CLUSTER_ID)).size).toBe(1);
  expect(registryUrl(edge)).toBe('http://127.0.0.1:8181');
});

test('images: the environment goes before the site, the site before the topology', async () => {
  const text = `docker: { images: { kafka: all/kafka:1, cassandra: all/cassandra:1 } }
sites: { edge-1: { docker: { images: { kafka: own/kafka:1 } } } }\n`;
  const images = async (env = {}) => siteContainers(await site(text, env), stack).map(({ image }) => image);
  expect(await images()).toEqual(['own/kafka:1', 'apicurio/apicurio-registry:3.3.3', 'all/cassandra:1']);
  expect(await images({ DDS_IMAGE_KAFKA: 'env/kafka:1', DDS_IMAGE_REGISTRY: 'env/registry:1' })).toEqual([
    'env/kafka:1',
    'env/registry:1',
    'all/cassandra:1',
  ]);
});

test('the hash is the same for the same, and another when anything of a container changes', async () => {
  const hash = async (text: string) => siteContainers(await site(text), stack).map(hashOf);
  const [kafka, registry, cassandra] = await hash('sites: { edge-1: }\n');
  expect(await hash('sites: { edge-1: { topics: { t: } } }\n')).toEqual([kafka, registry, cassandra]);
  const bigger = await hash('docker: { heap: { kafka: 512 } }\nsites: { edge-1: }\n');
  expect(bigger.slice(1)).toEqual([registry, cassandra]);
  expect(bigger[0]).not.toBe(kafka);
});

test('Java heaps of three sites leave room in 8 GiB', async () => {
  const { sites } = await loadTopology({ cwd: tmpdir(), sites: 2, engine: 'docker' });
  const needed = sites
    .flatMap((one) => siteContainers(one, stack))
    .reduce((sum, { memoryMib }) => sum + memoryMib, 0);
  expect(needed).toBeLessThan(5 * 1024);
});
