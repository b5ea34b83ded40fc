import { readFileSync } from 'node:fs';
import type { StackStatus } from '../../src/runtime/stack/types.ts';
import type { Workspace } from './cli.ts';

/** The answer of a command under `--json`; fails with what it said when it did not end with 0. */
export async function json<T>(space: Workspace, args: readonly string[]): Promise<T> {
  const result = await space.dds([...args, '--json']);
  if (result.code !== 0)
    throw new Error(`dds ${args.join(' ')} → ${result.code}\n${result.stdout}\n${result.stderr}`);
  return JSON.parse(result.stdout) as T;
}

export const status = (space: Workspace) => json<StackStatus>(space, ['status']);

/** Rows of a query, as objects by column name. */
export async function query(
  space: Workspace,
  site: string,
  sql: string,
  ...more: string[]
): Promise<Record<string, unknown>[]> {
  const { columns, rows } = await json<{ columns: { name: string }[]; rows: unknown[][] }>(space, [
    'query',
    sql,
    '--site',
    site,
    ...more,
  ]);
  return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at]])));
}

/**
 * Asks again until the answer satisfies `done`. Fails when the answer has not changed for `quietMs`: a system that
 * still makes progress may take its time, one that does not has lost something.
 */
export async function until<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  quietMs = 20_000,
): Promise<T> {
  let last = '';
  let changedAt = performance.now();
  let problem: unknown;
  for (;;) {
    const askedAt = performance.now();
    try {
      const answer = await ask();
      if (done(answer)) return answer;
      const text = JSON.stringify(answer);
      if (text !== last) {
        last = text;
        changedAt = performance.now();
      }
    } catch (error) {
      problem = error;
    }
    if (performance.now() - changedAt > quietMs) {
      throw new Error(`no progress for ${quietMs} ms; last answer ${last}; last problem ${problem}`);
    }
    // To ask is often a command of its own: one that waits leaves the CPU to what it waits for.
    const pauseMs = Math.max(50, 2 * (performance.now() - askedAt));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

/** Processes that carry `text` in their environment or command line (Linux). */
export function processesWith(pids: readonly number[]): number[] {
  return pids.filter((pid) => {
    try {
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  });
}
