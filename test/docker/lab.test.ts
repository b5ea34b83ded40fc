import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TopSnapshot } from '../../src/runtime/data/top/types.ts';
import type { ServiceActionResult } from '../../src/runtime/stack/service-control.ts';
import type { Workspace } from '../support/cli.ts';
import { startConsumer } from '../support/consumer.ts';
import { countAt } from '../support/e2e/count-readings.ts';
import { crashUnderLoad } from '../support/e2e/crash-under-load.ts';
import { upExample } from '../support/e2e/lab-engine.ts';
import { replayWeather } from '../support/e2e/replay-weather.ts';
import { json, query, status, until } from '../support/stack.ts';
import { docker, dockerWorkspace, leftOf } from './docker.ts';

/** One stack for all, as it is by default: a Kafka, a registry and a Cassandra at two edges and a centre. */
let space: Workspace;
beforeAll(async () => {
  space = dockerWorkspace();
  await upExample(space, 'docker');
}, 400_000);
afterAll(() => space[Symbol.asyncDispose](), 120_000);

const patient = { timeoutMs: 240_000 };
const sites = ['edge-1', 'edge-2', 'central'];
const containersOf = (site: string) => leftOf(space).containers.filter((name) => name.includes(`-${site}-`));
const started = () =>
  leftOf(space).containers.map((name) => docker('inspect', '--format', '{{.Id}} {{.State.StartedAt}}', name));

test('three sites are there, in less than 8 GiB; a second up starts nothing', async () => {
  for (const site of sites)
    expect(containersOf(site).map((name) => name.replace(/^.*-(kafka|registry|cassandra)/, '$1'))).toEqual(
      expect.arrayContaining(['kafka-1', 'registry', 'cassandra']),
    );
  const now = await status(space);
  expect(now.services.filter(({ state }) => state !== 'ready')).toEqual([]);
  expect(now.sites.map(({ store }) => store?.kind)).toEqual(sites.map(() => 'cassandra'));

  const units: Record<string, number> = { MiB: 1, GiB: 1024 };
  const used = docker('stats', '--no-stream', '--format', '{{.MemUsage}}', ...leftOf(space).containers);
  const containers = used.split('\n').map((line) => {
    const [, number, unit = ''] = /^([\d.]+)(\w+) /.exec(line) ?? [];
    return Number(number) * units[unit]!;
  });
  expect(containers).toHaveLength(9);
  const processes = now.services.map(({ rssBytes }) => Number(rssBytes) / 2 ** 20);
  const total = [...containers, ...processes].reduce((sum, mib) => sum + mib, 0);
  expect(total).toBeGreaterThan(9 * 100);
  expect(total).toBeLessThan(8 * 1024);

  const before = started();
  const again = await upExample(space, 'docker');
  expect(again.stderr).toContain('is running already; nothing was changed');
  expect(started()).toEqual(before);
});

test('the weather of two cities comes to the centre, every row', () => replayWeather(space));

describe('every command works as on the embedded engine:', () => {
  interface Sites<T> {
    sites: ({ site: string } & T)[];
  }

  test('env', async () => {
    const [site] = (await status(space)).sites;
    const env = await space.dds(['env', '--site', 'edge-1', '--format', 'json']);
    expect(JSON.parse(env.stdout)).toMatchObject({
      ...{ DDS_BROKERS: site!.brokers[0], DDS_REGISTRY: site!.registryUrl },
      DDS_CASSANDRA_KEYSPACE: 'dds_edge_1',
    });
  });

  test('topics: created, listed, described, altered, purged, deleted', async () => {
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await space.dds(['topics', ...args, '--site', 'edge-1,central']);
      expect(code, stderr).toBe(0);
      return stdout;
    };
    expect(await run('create', 'made', '-p', '2', '--config', 'retention.ms=-1')).toBe(
      'edge-1: made created, 2 partitions\ncentral: made created, 2 partitions\n',
    );
    const lines = { input: 'one\ntwo\nthree\n' };
    expect(await space.dds(['produce', 'made', '--text', '--site', 'edge-1'], lines)).toMatchObject({
      code: 0,
    });
    type Listed = Sites<{ topics: { topic: string; records: number; bytes: number }[] }>;
    const listed = await json<Listed>(space, ['topics', 'list', 'made', '--site', 'edge-1']);
    expect(listed.sites[0]!.topics).toEqual([
      expect.objectContaining({ topic: 'made', partitions: 2, records: 3, retentionMs: -1 }),
    ]);
    expect(listed.sites[0]!.topics[0]!.bytes).toBeGreaterThan(3);
    const altered = await run('alter', 'made', '--partitions', '3', '--config', 'segment.bytes=2097152');
    expect(altered).toContain('partitions 2 → 3');
    expect(await run('describe', 'made')).toMatch(/segment\.bytes=2097152[\s\S]*^ +2 +1 +1 +1 +0 +0 +0 B$/m);
    await run('purge', 'made', '--yes');
    const purged = await json<Listed>(space, ['topics', 'list', 'made', '--site', 'edge-1']);
    expect(purged.sites[0]!.topics[0]).toMatchObject({ records: 0 });
    await run('delete', 'made', '--yes');
    expect(await space.dds(['topics', 'describe', 'made'])).toMatchObject({ code: 2 });
  });

  test('schemas: listed, shown, checked, registered, deleted', async () => {
    type Subjects = Sites<{ subjects: { subject: string; compatibility: string }[] }>;
    const listed = await json<Subjects>(space, ['schemas', 'list', '--site', 'edge-1']);
    expect(listed.sites[0]!.subjects).toContainEqual(
      expect.objectContaining({ subject: 'temperature-data-value', type: 'AVRO', compatibility: 'BACKWARD' }),
    );
    const shown = await space.dds(['schemas', 'show', 'temperature-data-value', '--site', 'edge-1']);
    expect(JSON.parse(shown.stdout)).toMatchObject({ name: 'TemperatureData' });
    const file = join(space.directory, 'reading.avsc');
    const of = (...fields: object[]) =>
      writeFileSync(file, JSON.stringify({ type: 'record', name: 'Made', fields }));
    of({ name: 'n', type: 'int' });
    const schemas = (...args: string[]) => space.dds(['schemas', ...args, '--site', 'edge-1']);
    expect(await schemas('register', 'made-value', file)).toMatchObject({ code: 0 });
    expect(await schemas('check', 'made-value', file)).toMatchObject({ code: 0 });
    of({ name: 'other', type: 'string' });
    const incompatible = await schemas('check', 'made-value', file);
    expect(incompatible.code).not.toBe(0);
    expect(await schemas('delete', 'made-value', '--yes')).toMatchObject({ code: 0 });
  });

  test('groups: listed, described, reset, deleted', async () => {
    const [edge] = (await status(space)).sites;
    const lines = { input: 'one\ntwo\nthree\n' };
    await space.dds(['topics', 'create', 'grouped', '--site', 'edge-1']);
    await space.dds(['produce', 'grouped', '--text', '--site', 'edge-1'], lines);
    const described = async () => {
      const args = ['groups', 'describe', 'readers', '--site', 'edge-1'];
      type Groups = Sites<{ groups: { state: string; lag: number }[] }>;
      return (await json<Groups>(space, args)).sites[0]!.groups[0]!;
    };
    {
      await using consumer = await startConsumer(edge!.brokers, { group: 'readers', topic: 'grouped' });
      await consumer.read(3);
      expect(await until(described, ({ lag }) => lag === 0)).toMatchObject({ state: 'Stable' });
    }
    await until(described, ({ state }) => state === 'Empty');
    const groups = (...args: string[]) => space.dds(['groups', ...args, '--site', 'edge-1']);
    expect((await groups('list')).stdout).toMatch(/^edge-1 +readers +Empty/m);
    expect(await groups('reset', 'readers', '--to', 'earliest', '--yes')).toMatchObject({ code: 0 });
    expect(await described()).toMatchObject({ lag: 3 });
    expect(await groups('delete', 'readers', '--yes')).toMatchObject({ code: 0 });
    await space.dds(['topics', 'delete', 'grouped', '--site', 'edge-1', '--yes']);
  });

  test('produce, tail, query', async () => {
    const reading = {
      sensor_id: 'by-hand',
      timestamp: Date.UTC(2026, 4, 1, 12),
      temperature: 21.5,
      unit: 'C',
    };
    const args = ['produce', 'temperature-data', '--key-field', 'sensor_id', '--site', 'edge-1'];
    const produced = await space.dds(args, { input: `${JSON.stringify(reading)}\n` });
    expect(produced.code, produced.stderr).toBe(0);
    const tail = [
      'tail',
      'temperature-data',
      '--site',
      'central',
      '--from',
      'oldest',
      '--key',
      'by-hand',
      '-c',
      '1',
    ];
    const [line = ''] = (await space.dds([...tail, '--json'])).stdout.split('\n');
    expect(JSON.parse(line)).toMatchObject({
      ...{ site: 'central', topic: 'temperature-data', key: 'by-hand', value: reading },
      headers: { 'dds-site': 'edge-1' },
    });
    const bucket = ['--param', 'day=2026-05-01T00:00:00Z', '--param', 'id=by-hand'];
    const cql = 'SELECT temperature, site FROM temperature_data WHERE sensor_id = :id AND bucket = :day';
    const rows = await until(
      () => query(space, 'central', cql, ...bucket),
      ({ length }) => length > 0,
    );
    expect(rows).toEqual([{ temperature: 21.5, site: 'edge-1' }]);
    const tables = await space.dds(['query', 'tables', '--site', 'edge-2']);
    expect(tables.stdout).toMatch(/^temperature_data /m);
    const writes = await space.dds(['query', 'TRUNCATE temperature_data', '--site', 'central']);
    expect(writes).toMatchObject({ code: 2, stderr: expect.stringContaining('it is a TRUNCATE') });
  });

  test('top, and logs with what the containers say', async () => {
    const top = JSON.parse((await space.dds(['top', '--json', '-n', '1'])).stdout) as TopSnapshot;
    expect(top).toMatchObject({ state: 'ready' });
    expect(top.sites.map(({ state }) => state)).toEqual(['ready', 'ready', 'ready']);
    const log = async (...args: string[]) => (await space.dds(['logs', '--since', '1h', ...args])).stdout;
    const said = await log('edge-1/site');
    expect(said).toContain('Kafka Server started');
    expect(said).toContain('Starting listening for CQL clients');
    expect(await log('edge-1/sink')).not.toContain('Kafka Server started');
  });

  test('restart, stop and start: a site that stood is as it was, and the others went on', async () => {
    const change = async (...args: string[]) => {
      const { code, stdout, stderr } = await space.dds([...args, '--json'], patient);
      expect(code, stderr).toBe(0);
      return (JSON.parse(stdout) as ServiceActionResult).services;
    };
    const pids = async () =>
      Object.fromEntries((await status(space)).services.map(({ service, pid }) => [service, pid]));
    const before = await pids();
    await change('restart', 'edge-1/sink');
    const after = await pids();
    expect(after['edge-1/sink']).not.toBe(before['edge-1/sink']);
    expect({ ...after, 'edge-1/sink': 0 }).toEqual({ ...before, 'edge-1/sink': 0 });

    const there = await countAt(space, 'edge-2');
    expect(there[0]!.rows).toBeGreaterThan(0);
    await change('stop', 'edge-2');
    expect(containersOf('edge-2')).toEqual([]);
    const load = ['simulate', '--count', '100', '--rate', 'max', '--no-register', '--site'];
    const arrived = async () => (await countAt(space, 'central'))[0]!.rows;
    const then = await arrived();
    expect(await json(space, [...load, 'edge-1'])).toMatchObject({ acked: 100, failed: 0 });
    await until(arrived, (rows) => rows >= then + 100);
    await change('start', 'edge-2');
    expect(containersOf('edge-2')).toHaveLength(3);
    expect(await countAt(space, 'edge-2')).toEqual(there);
    expect(await json(space, [...load, 'edge-2'])).toMatchObject({ acked: 100, failed: 0 });
    await until(arrived, (rows) => rows >= then + 200);
  });
});

test('SIGKILL of site, sink, relay and supervisor under load: every acknowledged record is one row', () =>
  crashUnderLoad(space, async () => {
    const again = await upExample(space, 'docker');
    expect(again.stderr).toMatch(/kafka-1 was running/);
  }));

test('down takes the containers and the network away, and leaves the data', async () => {
  expect(await space.dds(['down'], patient)).toMatchObject({ code: 0 });
  const { volumes, ...others } = leftOf(space);
  expect(others).toEqual({ containers: [], networks: [] });
  expect(volumes).toHaveLength(6);
});
