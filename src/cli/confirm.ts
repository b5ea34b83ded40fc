import { createInterface } from 'node:readline/promises';
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
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question(`${question} [y/N] `, { signal: processState().interrupt.signal });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    lines.close();
  }
  throw new DdsError('DDS_USAGE', 'not confirmed, nothing was done', {
    hint: 'Answer y, or add --yes.',
  });
}
