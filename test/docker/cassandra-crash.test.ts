import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SinkInfo } from '../../src/runtime/jobs/sinks/index.ts';
import { Random } from '../../src/shared/random.ts';
import { startCassandra, type TestCassandra, withoutCassandra } from '../support/cassandra.ts';
import { eventually } from '../support/lab.ts';
import { httpGet, httpPost, relayed, startSinkProcess, startSinkSite } from '../support/sink.ts';

if (withoutCassandra) process.stderr.write(`${withoutCassandra}\n`);

const partitions = 4;
const kills = 6;
const schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] };

describe.skipIf(withoutCassandra !== null)('a sink with Cassandra, when things die', () => {
  let cassandra: TestCassandra;
  const keyspace = (name: string) => `${name}_${process.pid}`;
  beforeAll(async () => {
    cassandra = await startCassandra();
  });
  afterAll(() => cassandra?.[Symbol.asyncDispose]());

  const infoOf = async (socket: string) => (await httpGet(socket, '/info')).body as SinkInfo;

  it('has every record exactly once, whenever the sink is killed', async () => {
    await using site = await startSinkSite();
    await site.createTopic({ name: 'readings', partitions });
    const socket = join(site.directory, 'sink.sock');
    const flag = cassandra.flag(keyspace('killed'));
    const random = new Random(20_170_401);
    const next = Array.from({ length: partitions }, () => 0);
    let producing = true;
    const load = (async () => {
      for (let batch = 0; producing; batch++) {
        const partition = batch % partitions;
        const from = next[partition]!;
        // A relay that starts anew sends the last stretch again.
        const again = batch % 5 === 4 ? Math.min(20, from) : 0;
        const records = Array.from({ length: 50 + again }, (_, i) => {
          const n = from - again + i;
          return {
            key: `s-${n % 5}`,
            value: { n },
            partition,
            headers: relayed('edge-1', n, { topic: 'readings', partition }),
          };
        });
        next[partition] = from + 50;
        await site.produce('readings', schema, records);
      }
    })();
    // The first one makes the tables; it is killed, too.
    for (let kill = 0; kill < kills; kill++) {
      const { process: running } = await startSinkProcess(site, flag, socket);
      await new Promise((resolve) => setTimeout(resolve, (random.next() / 2 ** 32) * 1500));
      running.kill('SIGKILL');
      await once(running, 'exit');
    }
    producing = false;
    await load;
    const ends = await site.kafka.admin().offsets(
      next.map((_, partition) => ({ topic: 'readings', partition })),
      'latest',
    );
    await using last = await startSinkProcess(site, flag, socket);
    const positions = async () => {
      const rows = await cassandra.run(keyspace('killed'), 'SELECT next_offset FROM dds_positions');
      return rows.map(([offset]) => Number(offset));
    };
    await eventually('all stored', async () => String(await positions()) === String(ends), 60_000);
    const total = next.reduce((sum, count) => sum + count, 0);
    const { body } = await httpPost(socket, '/count', { table: 'readings', distinct: ['_partition', 'n'] });
    expect(body).toEqual({ rows: total, distinct: total });
    expect((await httpPost(socket, '/count', { table: 'readings' })).body).toEqual({
      ...{ rows: total, distinct: total },
    });
    last.process.kill('SIGTERM');
    await once(last.process, 'exit');
  });

  it('waits while Cassandra is silent or gone, loses nothing, and catches up', async (context) => {
    if (process.env.DDS_TEST_CASSANDRA) context.skip('DDS_TEST_CASSANDRA: the node is not ours to stop');
    await using site = await startSinkSite();
    await site.createTopic({ name: 'waiting', partitions });
    const socket = join(site.directory, 'sink.sock');
    await using running = await startSinkProcess(site, cassandra.flag(keyspace('waiting')), socket);
    let sent = 0;
    const send = async () => {
      const records = Array.from({ length: 500 }, (_, i) => ({
        ...{ key: `s-${i % 9}`, value: { n: sent + i }, partition: i % partitions },
      }));
      sent += records.length;
      await site.produce('waiting', schema, records);
    };
    // A node that is killed may have lost the last tenth of a second, positions first: then rows are written again.
    const stored = () =>
      eventually(
        `${sent} rows`,
        async () => {
          const { rows, lagRecords } = await infoOf(socket);
          return rows >= sent && lagRecords === 0;
        },
        90_000,
      );
    await send();
    await stored();
    for (const [down, up] of [
      ['pause', 'unpause'],
      ['stop', 'start'],
      ['kill', 'start'],
    ] as const) {
      await cassandra.docker(down);
      await send();
      const { trouble } = await eventually(
        `paused after ${down}`,
        async () => {
          const info = await infoOf(socket);
          return info.state === 'paused' && info;
        },
        30_000,
      );
      expect(trouble).toMatch(/^the database cassandra 127\.0\.0\.1:\d+\/waiting/);
      expect((await httpGet(socket, '/healthz')).status).toBe(503);
      await send();
      await cassandra.docker(up);
      await stored();
      expect(await infoOf(socket)).toMatchObject({ state: 'following', trouble: null });
    }
    const { body } = await httpPost(socket, '/count', { table: 'waiting', distinct: ['n'] });
    expect(body).toEqual({ rows: sent, distinct: sent });
    expect(running.process.exitCode).toBeNull();
  }, 420_000);
});
