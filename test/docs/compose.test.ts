import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { loadTopology } from '../../src/runtime/topology/index.ts';
import { readPage, root } from './markdown.ts';

const directory = `${root}/docs/examples/from-docker-compose`;
const text = (name: string) => readFileSync(`${directory}/${name}`, 'utf8');

test('the page shows the dds.yaml that is there', () => {
  expect(readPage('docs/from-docker-compose.md')).toContain(`\`\`\`yaml\n${text('dds.yaml')}\`\`\``);
});

test('the dds.yaml has what the compose file has', async () => {
  const compose = parse(text('docker-compose.yml'), { merge: true }) as {
    services: Record<string, { ports?: string[] }>;
  };
  const topology = await loadTopology({ cwd: directory });
  const hostPort = (service: string) => Number(compose.services[service]?.ports?.[0]?.split(':')[0]);
  for (const { name, ports, store, topics } of topology.sites) {
    expect(hostPort(`${name}-kafka`)).toBe(ports.kafka);
    expect(hostPort(`${name}-registry`)).toBe(ports.registry);
    expect(compose.services).toHaveProperty(`${name}-database`);
    expect(store).toEqual({ kind: 'duckdb' });
    expect(topics.map((topic) => `${topic.name} ${topic.partitions}`)).toEqual(['vibration 4', 'machines 1']);
  }
  expect(topology.sites).toHaveLength(3);
  expect(topology.relays).toMatchObject([{ site: 'central', sources: ['plant-a', 'plant-b'] }]);
  expect(topology.jobs).toMatchObject([{ name: 'forecast', site: 'central' }]);
});
