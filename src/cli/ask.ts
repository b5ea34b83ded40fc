import { DdsError } from '../errors/index.ts';
import type { Ask, Question } from '../runtime/init/index.ts';
import { processState } from './process-state.ts';

/** Puts questions on the terminal; null where nobody answers: without one, in CI, under --json. */
export function terminalAsk(json: boolean): Ask | null {
  const { stdin, stderr, env } = process;
  const isCI = env.CI !== undefined && !['', '0', 'false'].includes(env.CI);
  return stdin.isTTY === true && stderr.isTTY === true && !isCI && !json ? ask : null;
}

const ask: Ask = async (question, proposal, check) => {
  const { confirm, isCancel, select, text } = await import('@clack/prompts');
  const { signal } = processState().interrupt;
  // Answers are no data: stdout may be a file.
  const common = { message: question.description, output: process.stderr, signal };
  const answer = await prompt();
  if (!isCancel(answer)) return String(answer);
  // The terminal was in raw mode, where Ctrl-C is a key and no signal.
  if (!signal.aborted) process.emit('SIGINT', 'SIGINT');
  throw new DdsError('DDS_FAILED', 'interrupted; nothing was left behind', { hint: 'Run it again.' });

  function prompt(): Promise<unknown> {
    const { type, choices } = question;
    if (type === 'yes-no') return confirm({ ...common, initialValue: proposal === 'true' });
    if (choices) {
      const options = choices.map((value) => ({ value, hint: hintOf(question, value) }));
      return select({ ...common, options, ...(proposal && { initialValue: proposal }) });
    }
    return text({
      ...common,
      ...(proposal && { placeholder: proposal, defaultValue: proposal }),
      validate: (value) => {
        const expected = check(value || (proposal ?? ''));
        return expected === null ? undefined : `Expected ${expected}`;
      },
    });
  }
};

const hintOf = ({ hints }: Question, value: string) => hints?.[value] ?? '';
