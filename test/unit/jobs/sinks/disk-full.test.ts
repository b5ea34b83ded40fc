import { once } from 'node:events';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, it } from 'vitest';
import type { SinkInfo } from '../../../../src/runtime/jobs/sinks/index.ts';
import { eventually } from '../../../support/lab.ts';
import { httpGet, httpPost, startSinkProcess, startSinkSite } from '../../../support/sink.ts';
import { smallDisk } from '../../../support/small-disk.ts';

const schema = {
  type: 'record',
  name: 'R',
  fields: [
    { name: 'n', type: 'int' },
    { name: 'noise', type: 'string' },
  ],
};

/** Text that no compression makes small. */
const noise = (n: number) =>
  Array.from({ length: 20 }, (_, i) => (Math.imul(n * 20 + i + 1, 2_654_435_761) >>> 0).toString(36)).join(
    '',
  );

/** What is left for the database when the disk gets full, and how many records come then. */
const rounds = [
  { left: 0, records: 5_000 },
  { left: 300_000, records: 10_000 },
  // Here it is a checkpoint (at 16 MB of log) that finds no space.
  { left: 15 << 20, records: 160_000 },
];

it('waits while its disk is full, and then stores everything once', async (context) => {
  using disk = smallDisk(64);
  if (!disk) return context.skip('a small file system cannot be mounted here: that needs Linux and root');
  await using site = await startSinkSite();
  const socket = join(site.directory, 'sink.sock');
  const store = join(disk.path, 'store.duckdb');
  await site.createTopic({ name: 'readings', partitions: 2 });
  await using sink = await startSinkProcess(site, `duckdb:${store}`, socket);
  let failures = 0;
  sink.process.stdout?.on('data', (lines: Buffer) => {
    failures += lines.toString().split('no space left on its disk').length - 1;
  });
  const info = async () => (await httpGet(socket, '/info')).body as SinkInfo;
  const produced = [0, 0];
  const produce = async (count: number) => {
    for (const partition of [0, 1]) {
      const from = produced[partition]!;
      const records = Array.from({ length: count / 2 }, (_, i) => ({
        value: { n: from + i, noise: noise((from + i) * 2 + partition) },
        partition,
      }));
      produced[partition] = from + count / 2;
      await site.produce('readings', schema, records);
    }
  };
  const total = () => produced[0]! + produced[1]!;
  const stored = async () => {
    const { body } = await httpPost(socket, '/query', { sql: 'SELECT count(*) FROM readings' });
    return (body as { rows: unknown[][] }).rows?.[0]?.[0];
  };
  await produce(2000);
  await eventually('the first records', async () => (await stored()) === total());

  for (const { left, records } of rounds) {
    disk.fill(left);
    await produce(records);
    const health = await eventually('trouble', async () => {
      const answer = await httpGet(socket, '/healthz');
      return answer.status === 503 && answer;
    });
    expect(health.body).toMatchObject({ ok: false, trouble: expect.stringContaining('no space left') });
    expect(await info()).toMatchObject({
      state: 'paused',
      trouble: expect.stringContaining(`the database ${store}: no space left on its disk`),
      lagRecords: expect.toSatisfy((lag: number) => lag > 0),
    });
    const before = failures;
    await eventually('another try that fails', () => failures > before + 1);
    expect((await httpGet(socket, '/metrics')).body).toMatch(/^dds_sink_paused\{.*\} 1$/m);
    disk.free();
    await eventually('all stored', async () => (await stored()) === total(), 30_000);
    await eventually('no trouble', async () => (await httpGet(socket, '/healthz')).status === 200);
    expect(await info()).toMatchObject({ state: 'following', trouble: null, lagRecords: 0 });
  }

  // Killed while nothing can be written, and started again when it can.
  disk.fill();
  await produce(5_000);
  await eventually('trouble', async () => (await httpGet(socket, '/healthz')).status === 503);
  sink.process.kill('SIGKILL');
  await once(sink.process, 'exit');
  disk.free();
  await using next = await startSinkProcess(site, `duckdb:${store}`, socket);
  await eventually('all stored', async () => (await stored()) === total());
  next.process.kill('SIGTERM');
  await once(next.process, 'exit');
  const instance = await DuckDBInstance.create(store);
  const connection = await instance.connect();
  try {
    const rows = await connection.runAndReadAll(
      'SELECT _partition, count(*), count(DISTINCT n), count(DISTINCT _offset), max(_offset) FROM readings GROUP BY 1 ORDER BY 1',
    );
    expect(rows.getRows().map((row) => row.map(Number))).toEqual(
      produced.map((count, partition) => [partition, count, count, count, count - 1]),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}, 60_000);
