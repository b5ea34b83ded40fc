import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { DuckDbStore } from '../../../../src/runtime/jobs/sinks/duckdb/duckdb-store.ts';
import { avroType } from '../../../../src/runtime/serde/index.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const schema = JSON.stringify({
  type: 'record',
  name: 'R',
  fields: [
    { name: 'n', type: 'int' },
    { name: 'site', type: 'string' },
    { name: 'Site', type: 'string' },
  ],
});
const writer = {
  id: 1,
  registered: { id: 1, schemaType: 'AVRO' as const, schema, references: [] },
  type: avroType(schema),
  error: null,
};

async function openStore(): Promise<DuckDbStore> {
  const store = new DuckDbStore(`${temporaryDirectory()}/store.duckdb`);
  await store.open();
  return store;
}

async function count(store: DuckDbStore): Promise<number> {
  return store.read(async (connection) => {
    const answer = await connection.runAndReadAll('SELECT count(*) FROM t');
    return Number(answer.getRows()[0]![0]);
  });
}

async function write(store: DuckDbStore, rows: number, next: number): Promise<void> {
  const table = store.table('t', 'append');
  await store.begin();
  const appender = await store.rows(table);
  const progress = store.progress.partition('t', 0);
  const place = { key: 'k', site: 's', timestampMs: 0, measuredMs: 0, latencyMs: 1, bytes: 9, progress };
  for (let i = 0; i < rows; i++) appender.append(['k', i, 'a', 'b'], { ...place, offset: i });
  store.progress.advance(progress, next);
}

it('commits rows and positions together, or neither', async () => {
  const store = await openStore();
  try {
    await store.learn(store.table('t', 'append'), writer, []);
    expect(store.table('t', 'append').columns.map(({ name }) => name)).toEqual([
      ...['_key', 'n', 'site_', 'Site__', 'latency_ms', 'site', '_partition', '_offset', '_timestamp'],
    ]);
    await write(store, 5000, 5000);
    await store.commit();
    await write(store, 100, 5100);
    expect(await count(store)).toBe(5000);
    await store.recover();
    expect(await count(store)).toBe(5000);
    expect(store.progress.partition('t', 0)).toMatchObject({ next: 5000, committed: 5000 });
    await store.open();
    expect(store.progress.partition('t', 0).next).toBe(5000);
    await store.learn(store.table('t', 'append'), writer, []);
    await write(store, 1, 5001);
    await store.commit();
    expect(await count(store)).toBe(5001);
  } finally {
    await store.close();
  }
});

it('keeps the last position through a rewritten journal', async () => {
  const store = await openStore();
  try {
    const partition = store.progress.partition('t', 3);
    const source = store.progress.source('edge-1', 'id', 't', 3);
    for (const next of [10, 20, 7]) {
      await store.begin();
      store.progress.advance(partition, next);
      store.progress.advanceSource(source, 100 + next);
      await store.commit();
    }
    await store.read(async (connection) => {
      const rows = async (sql: string) => (await connection.runAndReadAll(sql)).getRows();
      expect(await rows('SELECT count(*) FROM _dds.positions')).toEqual([[3n]]);
    });
    await store.compactProgress(1);
    await store.open();
    // A topic that was made anew has lower offsets than before: the last position counts, not the highest.
    expect(partition.next).toBe(7);
    expect(source.highest).toBe(107);
    await store.read(async (connection) => {
      const answer = await connection.runAndReadAll('SELECT count(*) FROM _dds.positions');
      expect(answer.getRows()).toEqual([[1n]]);
    });
  } finally {
    await store.close();
  }
});

it('forgets rows of a transaction that failed, also when the garbage of it is collected', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const store = await openStore();
  try {
    await store.learn(store.table('t', 'append'), writer, []);
    // More than a chunk: these are with DuckDB's appender already.
    await write(store, 5000, 5000);
    await store.recover();
    await store.learn(store.table('t', 'append'), writer, []);
    await write(store, 10, 10);
    for (let i = 0; i < 5; i++) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    await store.commit();
    expect(await count(store)).toBe(10);
  } finally {
    await store.close();
  }
});

it('closes although somebody reads', async () => {
  const store = await openStore();
  const begun = Promise.withResolvers<void>();
  const reading = store.read((_connection, closing) => {
    begun.resolve();
    return new Promise<string>((resolve) => {
      closing.addEventListener('abort', () => resolve('told'), { once: true });
    });
  });
  await begun.promise;
  await store.close();
  expect(await reading).toBe('told');
  await expect(store.read(async () => 1)).rejects.toMatchObject({ code: 'DDS_STORE_UNREACHABLE' });
});
