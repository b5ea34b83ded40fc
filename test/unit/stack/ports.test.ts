import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { checkPorts, withFreePorts } from '../../../src/runtime/stack/ports.ts';
import { loadTopology, type Topology, usedPorts } from '../../../src/runtime/topology/index.ts';
import { temporaryDirectory } from '../../support/lab.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

function listen(port = 0): Promise<number> {
  const server = createServer();
  servers.push(server);
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
}

async function example(): Promise<Topology> {
  using temporary = temporaryDirectory();
  return withFreePorts(await loadTopology({ cwd: temporary.path, sites: 1 }), {});
}

const portsOf = (topology: Topology) =>
  topology.sites.flatMap((site) => usedPorts(site).map(({ port }) => port));

test('free ports are all different, and pass the check', async () => {
  const topology = await example();
  expect(new Set(portsOf(topology)).size).toBe(6);
  await checkPorts(topology);
});

test('a taken port names what needs it and who has it', async () => {
  const topology = await example();
  const { registry } = topology.sites[1]!.ports;
  await listen(registry);
  const error = await checkPorts(topology).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'DDS_PORT_TAKEN', details: { port: registry, site: 'central' } });
  const { message } = error as Error;
  expect(message).toContain(`port ${registry}, for the Schema Registry of central, is taken`);
  if (process.platform === 'linux') expect(message).toContain(`by process ${process.pid} (`);
});

test('the ports of the last time are used again, but for those that are taken now', async () => {
  const first = await example();
  const [edge, central] = first.sites.map((site) => site.ports);
  await listen(central!.kafka);
  const second = await withFreePorts(first, { 'edge-1': edge!, central: central! });
  expect(second.sites[0]!.ports).toEqual(edge);
  expect(second.sites[1]!.ports).toMatchObject({ wan: central!.wan, registry: central!.registry });
  expect(second.sites[1]!.ports.kafka).not.toBe(central!.kafka);
});
