import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import type { JsonValue, QueryAnswer, QueryColumn, QueryRequest } from '../../jobs/sinks/index.ts';
import { connectStack } from '../../stack/connect.ts';
import { askSite, storesOf } from './ask-site.ts';
import type { QueryResult, RowOutput } from './output.ts';

export interface QueryOptions {
  stack?: string | undefined;
  /** Default: the central site, else the only one. */
  site?: string | undefined;
  sql: string;
  params?: QueryRequest['params'] | undefined;
  /** Most rows of a site; 0 for all. */
  maxRows: number;
  timeoutMs: number;
}

export interface QueryOutputOptions extends QueryOptions {
  /** Ask every site that has a database, and put its name before each row. */
  allSites?: boolean | undefined;
  output: RowOutput;
}

/**
 * Asks the sink that owns a site's database, or those of all sites one after the other; they go on writing meanwhile. A site
 * that fails once there is output is among the `failures`; before that its error is thrown.
 */
export async function query(options: QueryOutputOptions, context: RuntimeContext): Promise<QueryResult> {
  const { output, allSites = false } = options;
  const request = requestOf(options);
  const stack = await connectStack(context, { stack: options.stack });
  try {
    const stores = await storesOf(stack, options);
    const result: QueryResult = {
      sites: stores.map(({ site }) => site),
      rows: 0,
      truncated: false,
      interrupted: false,
      failures: [],
    };
    const errors: DdsError[] = [];
    let columns: readonly QueryColumn[] | null = null;
    let undelivered: unknown = null;
    const deliver = async (taken: Promise<void> | undefined) => {
      await taken?.catch((error: unknown) => {
        undelivered = error;
        throw error;
      });
    };
    for (const store of stores) {
      try {
        for await (const line of askSite(stack, store, request, context.signal)) {
          if ('columns' in line) {
            if (columns) requireSame(columns, line.columns);
            else {
              columns = line.columns;
              await deliver(output.start(allSites ? [siteColumn, ...columns] : columns));
            }
          } else if ('rows' in line) {
            const named = allSites ? line.rows.map((row): JsonValue[] => [store.site, ...row]) : line.rows;
            await deliver(output.rows(named));
            result.rows += line.rows.length;
          } else result.truncated ||= line.truncated;
        }
      } catch (thrown) {
        if (undelivered !== null) throw thrown;
        if (context.signal.aborted) break;
        const error = DdsError.from(thrown);
        errors.push(error);
        result.failures.push({ site: store.site, error: error.toBody() });
      }
    }
    result.interrupted = context.signal.aborted;
    if (columns === null && errors.length > 0 && !result.interrupted) throw noneAnswered(result, errors);
    await output.end(result);
    return result;
  } finally {
    stack.close();
    await output.close?.();
  }
}

/** The answer of one site as a whole: for few rows. */
export async function queryRows(
  options: QueryOptions,
  context: RuntimeContext,
): Promise<QueryAnswer & { site: string }> {
  const answer: QueryAnswer = { columns: [], rows: [], truncated: false };
  const output: RowOutput = {
    start(columns) {
      answer.columns = [...columns];
      return undefined;
    },
    rows(rows) {
      for (const row of rows) answer.rows.push([...row]);
      return undefined;
    },
    end: () => undefined,
  };
  const { sites, truncated, failures } = await query({ ...options, output }, context);
  context.signal.throwIfAborted();
  if (failures[0]) throw DdsError.fromBody(failures[0].error);
  return { site: sites[0]!, ...answer, truncated };
}

/** What the failures of a query mean for the command as a whole; null when every site has answered. */
export function failureOf({ sites, failures }: QueryResult): DdsError | null {
  const [first] = failures;
  if (!first) return null;
  if (sites.length === 1) return DdsError.fromBody(first.error);
  const { code, hint } = first.error;
  const told = failures.map(({ site, error }) => `${site}: ${error.message}`).join('; ');
  return new DdsError(code, `${failures.length} of ${sites.length} sites failed: ${told}`, {
    hint,
    details: { failures },
  });
}

const siteColumn: QueryColumn = { name: 'site', type: 'VARCHAR' };

function requestOf({ sql, params = [], maxRows, timeoutMs }: QueryOptions): QueryRequest {
  return { sql, params, maxRows, timeoutMs };
}

/** A mistake in the statement is told once, not by every site. */
function noneAnswered(result: QueryResult, errors: readonly DdsError[]): DdsError {
  const [first] = errors;
  const isOne = errors.every(({ message }) => message === first!.message);
  return isOne ? first! : failureOf(result)!;
}

/** Rows under one header need the same columns. Throws DDS_SQL. */
function requireSame(wanted: readonly QueryColumn[], got: readonly QueryColumn[]): void {
  const written = (columns: readonly QueryColumn[]) =>
    columns.map(({ name, type }) => `${name} ${type}`).join(', ');
  if (written(wanted) === written(got)) return;
  throw new DdsError('DDS_SQL', `its columns differ from those of the site before: ${written(got)}`, {
    hint: 'Name and cast the columns in the statement.',
  });
}
