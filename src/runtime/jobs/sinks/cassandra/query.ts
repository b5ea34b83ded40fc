import type { types } from 'cassandra-driver';
import { DdsError } from '../../../../errors/index.ts';
import type { QueryParam, QueryRequest } from '../query-request.ts';
import type { WriteLine } from '../store.ts';
import { unlessAborted } from '../unless-aborted.ts';
import { type DriverType, toJsonValue, typeName } from './query-values.ts';
import { readingStatement } from './reading-statement.ts';
import type { CassandraSession } from './session.ts';

const pageRows = 1000;

/** Runs a reading statement page by page, each when the one before it was taken, and writes its answer line by line. */
export async function answer(
  session: CassandraSession,
  request: QueryRequest,
  stop: AbortSignal,
  write: WriteLine,
): Promise<void> {
  const statement = readingStatement(request.sql);
  const params = values(request.params, statement);
  const send = (line: Parameters<WriteLine>[0]) => unlessAborted(write(line), stop);
  let left = request.maxRows === 0 ? Number.POSITIVE_INFINITY : request.maxRows;
  let pageState: string | undefined;
  let isFirst = true;
  do {
    const page: types.ResultSet = await unlessAborted(
      session.ask(statement, params, {
        fetchSize: Math.min(pageRows, left + 1),
        readTimeout: request.timeoutMs,
        ...(pageState !== undefined && { pageState }),
      }),
      stop,
    );
    if (isFirst) {
      const columns = page.columns ?? [];
      await send({
        columns: columns.map(({ name, type }) => ({ name, type: typeName(type as DriverType) })),
      });
    }
    isFirst = false;
    const rows = (page.rows ?? []).map((row) => row.values().map(toJsonValue));
    if (left > 0 && rows.length > 0) await send({ rows: rows.length > left ? rows.slice(0, left) : rows });
    left -= rows.length;
    pageState = page.pageState ?? undefined;
  } while (pageState !== undefined && left >= 0);
  await send({ truncated: left < 0 });
}

/** What the driver takes for `?` and `:name`. Throws DDS_SQL when the statement has other parameters. */
function values(params: QueryRequest['params'], statement: string): unknown[] | Record<string, unknown> {
  const text = statement.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '');
  const marks = (text.match(/\?/g) ?? []).length;
  const names = new Set(
    [...text.matchAll(/(?<![:\w]):([A-Za-z_]\w*)/g)].map(([, name]) => name!.toLowerCase()),
  );
  const dollar = /\$([A-Za-z_]\w*|\d+)/.exec(text)?.[0];
  if (dollar !== undefined) {
    throw new DdsError('DDS_SQL', `${dollar} is no parameter of CQL`, {
      hint: 'Write :name for --param name=VALUE, and ? for --param VALUE.',
    });
  }
  const isList = Array.isArray(params);
  const given = new Map(
    Object.entries(params).map(([name, value]) => {
      const isNumber = isList || /^\d+$/.test(name);
      return [isNumber ? String(Number(name) + (isList ? 1 : 0)) : name.toLowerCase(), value as QueryParam];
    }),
  );
  const wanted = marks > 0 ? Array.from({ length: marks }, (_, i) => String(i + 1)) : [...names];
  const missing = wanted.find((name) => !given.has(name));
  if (missing !== undefined) {
    throw new DdsError(
      'DDS_SQL',
      `the parameter ${marks > 0 ? `? ${missing}` : `:${missing}`} has no value`,
      {
        hint:
          marks > 0
            ? 'Give one --param VALUE for each ? of the statement.'
            : `Give it as --param ${missing}=VALUE.`,
      },
    );
  }
  const extra = [...given.keys()].find((name) => !wanted.includes(name));
  if (extra !== undefined) {
    throw new DdsError('DDS_SQL', `the statement has no parameter ${extra}`, {
      hint: 'Write :name in the statement for --param name=VALUE, and ? for --param VALUE.',
    });
  }
  const value = (name: string) => driverValue(given.get(name)!);
  return marks > 0 ? wanted.map(value) : Object.fromEntries(wanted.map((name) => [name, value(name)]));
}

/** A bigint goes as text, which the driver reads by the type of the column. */
const driverValue = (param: QueryParam): unknown =>
  typeof param === 'object' && param !== null ? param.bigint : param;
