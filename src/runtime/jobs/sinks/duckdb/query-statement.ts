import {
  BIGINT,
  type DuckDBConnection,
  type DuckDBPreparedStatement,
  HUGEINT,
  StatementType,
} from '@duckdb/node-api';
import { DdsError } from '../../../../errors/index.ts';
import type { QueryParam, QueryRequest } from '../query-request.ts';
import { writes } from './query-error.ts';

const reading: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/** The one statement that the text holds, if it only reads, with its parameters bound. */
export async function readingStatement(
  connection: DuckDBConnection,
  { sql, params }: Pick<QueryRequest, 'sql' | 'params'>,
): Promise<DuckDBPreparedStatement> {
  const statement = await onlyStatement(connection, sql);
  if (!reading.has(statement.statementType))
    throw writes(`it is of type ${StatementType[statement.statementType]}`);
  bind(statement, params);
  return statement;
}

async function onlyStatement(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  try {
    const extracted = await connection.extractStatements(sql);
    if (extracted.count > 1) {
      throw new DdsError('DDS_SQL', `${extracted.count} statements were given; one at a time is run`, {
        hint: 'Run dds query once for each statement.',
      });
    }
    return await extracted.prepare(0);
  } catch (error) {
    // DuckDB tells nothing of a text without a statement.
    if (error instanceof Error && /native callback/.test(error.message)) {
      throw new DdsError('DDS_SQL', 'there is no SQL statement in the text');
    }
    if (
      /file system operations are disabled/.test(String(error)) &&
      /^\s*(copy|attach|export)\b/i.test(sql)
    ) {
      throw writes(`it is a ${/[a-z]+/i.exec(sql)![0].toUpperCase()}`);
    }
    throw error;
  }
}

/** Every parameter of the statement must be given, and none besides. */
function bind(statement: DuckDBPreparedStatement, params: QueryRequest['params']): void {
  const isList = Array.isArray(params);
  const given = new Map<string, QueryParam>(
    Object.entries(params).map(([name, value]) => [isList ? String(Number(name) + 1) : lower(name), value]),
  );
  for (let index = 1; index <= statement.parameterCount; index++) {
    const name = statement.parameterName(index);
    const value = given.get(lower(name));
    if (value === undefined) {
      throw new DdsError('DDS_SQL', `the parameter $${name} has no value`, {
        hint: isDigits(name)
          ? 'Give one --param VALUE for each ? of the statement.'
          : `Give it as --param ${name}=VALUE.`,
      });
    }
    given.delete(lower(name));
    bindOne(statement, index, value);
  }
  const [extra] = given.keys();
  if (extra === undefined) return;
  throw new DdsError('DDS_SQL', `the statement has no parameter $${extra}`, {
    hint: 'Write $name in the statement for --param name=VALUE, and ? for --param VALUE.',
  });
}

function bindOne(statement: DuckDBPreparedStatement, index: number, value: QueryParam): void {
  if (value === null) statement.bindNull(index);
  else if (typeof value === 'string') statement.bindVarchar(index, value);
  else if (typeof value === 'boolean') statement.bindBoolean(index, value);
  else if (typeof value === 'number') {
    // A whole number is one in SQL, too: LIMIT and the like refuse a DOUBLE.
    if (Number.isSafeInteger(value)) statement.bindBigInt(index, BigInt(value));
    else statement.bindDouble(index, value);
  } else {
    const integer = BigInt(value.bigint);
    const fits = BigInt.asIntN(64, integer) === integer;
    statement.bindValue(index, integer, fits ? BIGINT : HUGEINT);
  }
}

const lower = (name: string) => name.toLowerCase();
const isDigits = (name: string) => /^\d+$/.test(name);
