import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { QueryLine, Sink } from '../../../../src/runtime/jobs/sinks/index.ts';
import { Queries } from '../../../../src/runtime/jobs/sinks/query.ts';
import { parseQueryRequest } from '../../../../src/runtime/jobs/sinks/query-request.ts';
import { eventually } from '../../../support/lab.ts';
import { ask, type SinkSite, startSinkSite } from '../../../support/sink.ts';

const schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] };
const endless =
  'SELECT count(*) FROM range(100000) a, range(100000) b, range(1000) c WHERE a.range * b.range = c.range';
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

  it('answers times in ISO 8601, whatever their resolution', async () => {
    const [row] = await ask(
      sink,
      `SELECT TIMESTAMP_S '2026-01-31 08:00:00', TIMESTAMP_MS '2026-01-31 08:00:00.5',
       TIMESTAMP_NS '2026-01-31 08:00:00.123456789', TIMESTAMP '1969-12-31 23:59:59.999999', 'infinity'::TIMESTAMP`,
    );
    expect(row).toEqual([
      '2026-01-31T08:00:00.000Z',
      '2026-01-31T08:00:00.500Z',
      '2026-01-31T08:00:00.123456789Z',
      '1969-12-31T23:59:59.999999Z',
      'infinity',
    ]);
  });

  it('takes parameters', async () => {
    expect(await ask(sink, 'SELECT $1 || $2', { params: ['a', "';--"] })).toEqual([["a';--"]]);
    const params = { Name: 'x', n: 2, half: 0.5, no: null, big: { bigint: '9007199254740993' } };
    expect(
      await ask(sink, 'SELECT $name, $half, $no, $big, r.range FROM range(5) r LIMIT $n', { params }),
    ).toEqual([
      ['x', 0.5, null, '9007199254740993', 0],
      ['x', 0.5, null, '9007199254740993', 1],
    ]);
    expect(await ask(sink, 'SELECT typeof(?), typeof(?), typeof(?)', { params: [1, true, 1.5] })).toEqual([
      ['BIGINT', 'BOOLEAN', 'DOUBLE'],
    ]);
  });

  it.each([
    ['SELECT $a + $b', { a: 1 }, 'the parameter $b has no value'],
    ['SELECT ?, ?', [1], 'the parameter $2 has no value'],
    ['SELECT 1', { a: 1 }, 'the statement has no parameter $a'],
    ['SELECT ?', [1, 2], 'the statement has no parameter $2'],
  ])('refuses %s with %j', async (sql, params, message) => {
    await expect(ask(sink, sql, { params })).rejects.toMatchObject({ code: 'DDS_SQL', message });
  });

  it('answers any number of rows, as fast as they are taken', async () => {
    const rows = 100_000;
    let taken = 0;
    let waiting = 0;
    let last: QueryLine = { truncated: true };
    const request = parseQueryRequest({ sql: `FROM range(${rows})`, maxRows: 0 }, 0);
    await new Queries(sink.store).stream(request, new AbortController().signal, async (line) => {
      expect(++waiting).toBe(1);
      await new Promise(setImmediate);
      waiting--;
      if ('rows' in line) taken += line.rows.length;
      last = line;
    });
    expect(taken).toBe(rows);
    expect(last).toEqual({ truncated: false });
    const answer = await ask(sink, 'FROM range(10)', { maxRows: 3 });
    expect(answer).toEqual([[0], [1], [2]]);
  });

  it('stops a statement when nobody waits for it', async () => {
    const gone = new AbortController();
    const startedAt = performance.now();
    const running = new Queries(sink.store).run(parseQueryRequest({ sql: endless }), gone.signal);
    setTimeout(() => gone.abort(), 100);
    await expect(running).rejects.toMatchObject({ code: 'DDS_STORE_UNREACHABLE' });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('stops it whenever that comes', async () => {
    const queries = new Queries(sink.store);
    for (const afterMs of [0, 0, 0, 1, 1, 2, 2, 3, 4, 5]) {
      const gone = new AbortController();
      const running = [1, 2, 3].map(() => queries.run(parseQueryRequest({ sql: endless }), gone.signal));
      if (afterMs === 0) setImmediate(() => gone.abort());
      else setTimeout(() => gone.abort(), afterMs);
      for (const { status } of await Promise.allSettled(running)) expect(status).toBe('rejected');
    }
    expect(
      (await queries.run(parseQueryRequest({ sql: 'SELECT 1' }), new AbortController().signal)).rows,
    ).toEqual([[1]]);
  });

  it('does not wait for ever behind statements, nor for a reader that stands still', async () => {
    const queries = new Queries(sink.store);
    const never = () => new Promise<void>(() => {});
    const request = (timeoutMs: number) => parseQueryRequest({ sql: 'FROM range(10)', timeoutMs });
    const { signal } = new AbortController();
    const stalled = [1, 2].map(() => queries.stream(request(600), signal, never));
    const startedAt = performance.now();
    await expect(queries.run(request(100), signal)).rejects.toMatchObject({ code: 'DDS_SQL_TIMEOUT' });
    expect(performance.now() - startedAt).toBeLessThan(500);
    for (const one of stalled) await expect(one).rejects.toMatchObject({ code: 'DDS_SQL_TIMEOUT' });
    expect((await queries.run(request(1000), signal)).rows).toHaveLength(10);
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
    await expect(ask(sink, endless, { timeoutMs: 200 })).rejects.toMatchObject({
      code: 'DDS_SQL_TIMEOUT',
      message: 'the statement took longer than 0.2 s and was stopped',
    });
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });

  it('lets the sink store while statements run', async () => {
    await site.createTopic({ name: 'busy' });
    const queries = [1, 2, 3, 4].map(() => ask(sink, endless, { timeoutMs: 1500 }).catch(() => 'stopped'));
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
    for (const params of [[{}], 'x', { a: [] }, [{ bigint: '1e3' }]]) {
      await expect(ask(sink, 'SELECT 1', { params })).rejects.toMatchObject({ code: 'DDS_USAGE' });
    }
  });
});
