import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sink } from '../../../../src/runtime/jobs/sinks/index.ts';
import { eventually } from '../../../support/lab.ts';
import { ask, type SinkSite, startSinkSite } from '../../../support/sink.ts';

const schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] };
let site: SinkSite;
let sink: Sink;
beforeAll(async () => {
  site = await startSinkSite();
  sink = await site.sink();
  await site.createTopic({ name: 'topic' });
  await site.produce('topic', schema, [{ value: { n: 1 } }]);
  await eventually('the table', () => sink.info().rows === 1);
});
afterAll(() => site[Symbol.asyncDispose]());

describe('a query', () => {
  it('answers values that JSON can hold', async () => {
    const [row] = await ask(
      sink,
      `SELECT 1::BIGINT, 9007199254740993, 1.50, 'NaN'::DOUBLE, 'x'::BLOB, [1, NULL], {'a': 1::BIGINT},
       TIMESTAMP '2026-01-31 08:00:00.123', TIMESTAMP '2026-01-31 08:00:00.123456', DATE '2026-01-31', NULL, true`,
    );
    expect(row).toEqual([
      1,
      '9007199254740993',
      1.5,
      'NaN',
      'eA==',
      [1, null],
      { a: 1 },
      '2026-01-31T08:00:00.123Z',
      '2026-01-31T08:00:00.123456Z',
      '2026-01-31',
      null,
      true,
    ]);
  });

  it('takes parameters', async () => {
    expect(await ask(sink, 'SELECT $1 || $2', { params: ['a', "';--"] })).toEqual([["a';--"]]);
  });

  it.each([
    'INSERT INTO topic (_key) VALUES (1)',
    'DROP TABLE topic',
    'CREATE TEMP TABLE x AS SELECT 1',
    'EXPLAIN ANALYZE DELETE FROM topic',
    "COPY topic TO '/tmp/dds-never.csv'",
    "ATTACH '/tmp/dds-never.db'",
    "SET memory_limit = '8GB'",
    'CHECKPOINT',
    'BEGIN',
    'COMMIT',
  ])('refuses %s', async (sql) => {
    await expect(ask(sink, sql)).rejects.toMatchObject({ code: 'DDS_SQL_READ_ONLY' });
  });

  it.each([
    ['SELEC 1', 'Parser Error: syntax error at or near "SELEC" (line 1, column 1)'],
    ['SELECT _key,\n  b FROM topic', /Referenced column "b" not found.* \(line 2, column 3\)$/],
    ['SELECT 1; SELECT 2', '2 statements were given; one at a time is run'],
    ['', 'there is no SQL statement in the text'],
    ['-- nothing', 'there is no SQL statement in the text'],
    ["SELECT * FROM read_csv('/etc/passwd')", /Permission Error/],
    ['SELECT * FROM absent', /Table with name absent does not exist/],
  ])('says in one line what is wrong with %j', async (sql, message) => {
    const error = await ask(sink, sql).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'DDS_SQL' });
    const text = (error as Error).message;
    if (typeof message === 'string') expect(text).toBe(message);
    else expect(text).toMatch(message);
    expect(text).not.toContain('\n');
  });

  it('stops a statement that takes too long', async () => {
    const startedAt = performance.now();
    const heavy =
      'SELECT count(*) FROM range(100000) a, range(100000) b, range(100000) c WHERE a.range + b.range = c.range';
    await expect(ask(sink, heavy, { timeoutMs: 200 })).rejects.toThrow('took longer than 0.2 s');
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('lets the sink store while statements run', async () => {
    await site.createTopic({ name: 'busy' });
    const heavy =
      'SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range * b.range = c.range';
    const queries = [1, 2, 3, 4].map(() => ask(sink, heavy, { timeoutMs: 1500 }).catch(() => 'stopped'));
    await site.produce('busy', schema, [{ value: { n: 1 } }]);
    const stored = new Promise<string>((resolve) => {
      const poll = () => (sink.info().rows > 1 ? resolve('stored') : setTimeout(poll, 5));
      poll();
    });
    expect(await Promise.race([stored, ...queries.slice(0, 1)])).toBe('stored');
    await Promise.all(queries);
  });

  it('refuses a body that makes no sense', async () => {
    await expect(ask(sink, 'SELECT 1', { maxRows: 0 })).rejects.toMatchObject({ code: 'DDS_USAGE' });
    await expect(ask(sink, 'SELECT 1', { params: [{}] })).rejects.toMatchObject({ code: 'DDS_USAGE' });
  });
});
