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
  /** How many of the last lines. Default 100. */
  lines?: number;
  /** Goes on with new lines until the signal aborts or the stack stops. */
  follow?: boolean;
}

/** Log lines in the order of their times: from the supervisor, or from the files when the stack is down. */
export async function* logs(
  options: LogsOptions,
  context: RuntimeContext,
): AsyncGenerator<LogLine, void, undefined> {
  const { services = [], lines = 100, follow = false } = options;
  const directory = await chooseStack(context, options.stack);
  const owner = livingOwner(directory);
  if (owner?.role === 'supervisor') {
    const query = new URLSearchParams({ service: services.join(','), lines: String(lines) });
    if (follow) query.set('follow', '1');
    const { client } = connectTo(directory, owner);
    yield* client.stream(`/logs?${query}`, context.signal) as AsyncGenerator<LogLine, void, undefined>;
    return;
  }
  const exists = await stat(directory.logs).catch(() => null);
  if (!exists) throw noStack(directory.stack);
  yield* readLogs({ directory, services, lines, signal: null });
}
