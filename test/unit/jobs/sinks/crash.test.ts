import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Random } from '../../../../src/shared/random.ts';
import { eventually } from '../../../support/lab.ts';
import { httpPost, relayed, type SinkSite, startSinkProcess, startSinkSite } from '../../../support/sink.ts';

const partitions = 4;
const kills = 6;

let site: SinkSite;
let sink: ChildProcess | undefined;
beforeEach(async () => {
  site = await startSinkSite();
});
afterEach(async () => {
  if (sink && sink.exitCode === null && sink.signalCode === null) {
    sink.kill('SIGKILL');
    await once(sink, 'exit');
  }
  await site[Symbol.asyncDispose]();
});

async function start(): Promise<ChildProcess> {
  const started = await startSinkProcess(site, `duckdb:${join(site.directory, 'store.duckdb')}`, socket());
  sink = started.process;
  return sink;
}

const socket = () => join(site.directory, 'sink.sock');

/** Sum of the positions, asked of the running sink. */
async function positions(): Promise<number> {
  const sql =
    'SELECT sum(next) FROM (SELECT max(next_offset) AS next FROM _dds.positions GROUP BY partition)';
  const { body } = await httpPost(socket(), '/query', { sql });
  return Number((body as { rows: unknown[][] }).rows[0]![0]);
}

it('stores every record exactly once, whenever it is killed', async () => {
  await site.createTopic({ name: 'readings', partitions });
  const random = new Random(20_170_401);
  const schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] };
  const next = Array.from({ length: partitions }, () => 0);
  let undecodable = 0;
  let producing = true;
  const load = (async () => {
    for (let batch = 0; producing; batch++) {
      const partition = batch % partitions;
      const from = next[partition]!;
      // A relay that starts anew sends the last stretch again.
      const again = batch % 5 === 4 ? Math.min(20, from) : 0;
      const records = Array.from({ length: 50 + again }, (_, i) => {
        const n = from - again + i;
        return { value: { n }, partition, headers: relayed('edge-1', n, { topic: 'readings', partition }) };
      });
      next[partition] = from + 50;
      await site.produce('readings', schema, records);
      if (batch % 20 === 0) {
        await site.produce('readings', null, [{ value: Buffer.from(`bad ${undecodable++}`), partition }]);
      }
    }
  })();
  for (let kill = 0; kill < kills; kill++) {
    const running = await start();
    await new Promise((resolve) => setTimeout(resolve, (random.next() / 2 ** 32) * 150));
    running.kill('SIGKILL');
    await once(running, 'exit');
  }
  producing = false;
  await load;
  const last = await start();
  const ends = await site.kafka.admin().offsets(
    next.map((_, partition) => ({ topic: 'readings', partition })),
    'latest',
  );
  const total = ends.reduce((sum, end) => sum + end, 0);
  await eventually('all stored', async () => (await positions()) === total, 20_000);
  last.kill('SIGTERM');
  await once(last, 'exit');
  const rows = await stored(ends);
  expect(rows).toEqual(next.map((count, partition) => [partition, count, count, 0, count - 1]));
  expect(await deadLetters()).toEqual(Array.from({ length: undecodable }, (_, i) => `bad ${i}`).sort());
}, 60_000);

async function stored(ends: number[]): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(join(site.directory, 'store.duckdb'));
  const connection = await instance.connect();
  try {
    const positions = await connection.runAndReadAll(
      'SELECT partition, max(next_offset) FROM _dds.positions GROUP BY ALL ORDER BY 1',
    );
    expect(positions.getRows().map(([, next]) => Number(next))).toEqual(ends);
    const rows = await connection.runAndReadAll(
      'SELECT _partition, count(*), count(DISTINCT n), min(n), max(n) FROM readings GROUP BY ALL ORDER BY 1',
    );
    return rows.getRows().map((row) => row.map(Number));
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

async function deadLetters(): Promise<string[]> {
  const topic = 'readings.dead-letter';
  const [description] = await site.kafka.admin().describeTopics([topic]);
  const all = description!.partitions.map(({ partition }) => ({ topic, partition }));
  const ends = await site.kafka.admin().offsets(all, 'latest');
  const fetcher = site.kafka.fetcher();
  const values: string[] = [];
  for (const { partition } of all) fetcher.seek(topic, partition, 0);
  await eventually('all dead letters', async () => {
    for (const { records } of (await fetcher.poll(100)).partitions) {
      while (records.next()) values.push(records.value()!.toString());
    }
    return all.every(({ partition }, index) => fetcher.position(topic, partition)! >= ends[index]!);
  });
  await fetcher.close();
  return values.sort();
}
