import { stat } from 'node:fs/promises';
import type { RuntimeContext } from '../../shared/context.ts';
import { chooseStack, connectTo, noStack } from './connect.ts';
import { type LogLine, readLogs } from './log-reader.ts';
import { livingOwner } from './ownership.ts';

export type { LogLine } from './log-reader.ts';

export interface LogsOptions {
  stack?: string | undefined;
  /** Services (`edge-1/sink`) or sites (`edge-1`); none means all. */
  services?: readonly string[];
  /** How many of the last lines. Default 100; with `sinceMs` all. */
  lines?: number | undefined;
  /** Only lines of this time or later, ms since the epoch. */
  sinceMs?: number | undefined;
  /** Goes on with new lines until the signal aborts or the stack stops. */
  follow?: boolean;
}

/** Log lines in the order of their times: from the supervisor, or from the files when the stack is down. */
export async function* logs(
  options: LogsOptions,
  context: RuntimeContext,
): AsyncGenerator<LogLine, void, undefined> {
  const { services = [], sinceMs, follow = false } = options;
  const lines = options.lines ?? (sinceMs === undefined ? 100 : Number.MAX_SAFE_INTEGER);
  const from = sinceMs === undefined ? '' : new Date(sinceMs).toISOString();
  const directory = await chooseStack(context, options.stack);
  const owner = livingOwner(directory);
  // For a time the files are read whole, which is done here; the supervisor knows when following has to end.
  if (owner?.role === 'supervisor' && (follow || sinceMs === undefined)) {
    const query = new URLSearchParams({ service: services.join(','), lines: String(lines) });
    if (follow) query.set('follow', '1');
    const { client } = connectTo(directory, owner);
    const stream = client.stream(`/logs?${query}`, context.signal) as AsyncGenerator<
      LogLine,
      void,
      undefined
    >;
    for await (const line of stream) if ((line.time ?? '') >= from) yield line;
    return;
  }
  const exists = await stat(directory.logs).catch(() => null);
  if (!exists) throw noStack(directory.stack);
  yield* readLogs({ directory, services, lines, signal: null, from });
}

/** One service's log from its file, the last lines and on and on: also while the stack is down. */
export async function* followLog(
  { stack, service, lines }: { stack: string; service: string; lines: number },
  context: RuntimeContext,
): AsyncGenerator<LogLine, void, undefined> {
  const directory = await chooseStack(context, stack);
  yield* readLogs({ directory, services: [service], lines, signal: context.signal });
}
