import { Listr } from 'listr2';
import type { PulledImage, PullTask } from '../runtime/stack/pull.ts';
import { bytesText } from '../shared/quantities.ts';

/**
 * Runs all at once, with a line for each that moves on a terminal and one line at the end of each elsewhere. Rejects with
 * the first that failed, when all have ended.
 */
export async function runPulls(
  tasks: readonly PullTask[],
  { animated, note }: { animated: boolean; note(line: string): void },
): Promise<PulledImage[]> {
  const results: PulledImage[] = [];
  let failure: unknown = null;
  const list = new Listr(
    tasks.map(({ image, run }) => ({
      title: image,
      task: async (_context: unknown, task: { output: string; title: string }) => {
        try {
          const result = await run((done, total) => {
            task.output = `${bytesText(done)} of ${bytesText(total)}`;
          });
          results.push(result);
          task.title = `${image} ${words[result.outcome]}`;
          if (!animated) note(task.title);
        } catch (error) {
          failure ??= error;
          throw error;
        }
      },
    })),
    { concurrent: true, exitOnError: false, renderer: animated ? 'default' : 'silent' },
  );
  await list.run();
  if (failure !== null) throw failure;
  return results;
}

const words = { present: 'is here', pulled: 'was pulled' } as const;
