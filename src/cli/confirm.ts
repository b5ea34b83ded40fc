import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DdsError } from '../errors/index.ts';
import { processState } from './process-state.ts';

/**
 * Asks before something is destroyed: on a terminal with a question, elsewhere never (then `--yes` is needed).
 * Throws DDS_USAGE when there is nobody to ask, or when the answer is not yes.
 */
export async function confirm(question: string, { yes }: { yes: boolean }): Promise<void> {
  if (yes) return;
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
    throw new DdsError('DDS_USAGE', `there is no terminal to ask on, so this needs --yes: ${question}`, {
      hint: 'Add --yes to do it, or --dry-run to see what would be done.',
    });
  }
  process.stderr.write(`${question} [y/N] `);
  const answer = await readAnswer(processState().interrupt.signal);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new DdsError('DDS_USAGE', 'not confirmed, nothing was done', {
    hint: 'Answer y, or add --yes.',
  });
}

/** One line of stdin; empty after Ctrl-C or Ctrl-D. The terminal stays in its own mode, so that Ctrl-C is a signal. */
async function readAnswer(signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  const settled = new AbortController();
  const either = { signal: AbortSignal.any([signal, settled.signal]) };
  try {
    const line = once(lines, 'line', either) as Promise<[string]>;
    const closed = once(lines, 'close', either).then((): [string] => ['']);
    line.catch(() => undefined);
    closed.catch(() => undefined);
    const [answer] = await Promise.race([line, closed]);
    return answer;
  } catch (error) {
    if (!signal.aborted) throw error;
    return '';
  } finally {
    process.stderr.write(signal.aborted ? '\n' : '');
    settled.abort();
    lines.close();
  }
}
