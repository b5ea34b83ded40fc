import { DdsError } from '../../errors/index.ts';
import { type WatchOptions, watchStack } from '../../runtime/data/top/watch-stack.ts';
import { followLog } from '../../runtime/stack/logs.ts';
import { changeServices } from '../../runtime/stack/service-control.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { type RunViewOptions, runView } from '../run-view.tsx';
import { TopState } from './top-state.ts';
import { TopView } from './top-view.tsx';

/** Lines of a log that are read before those that come. */
const lastLines = 1000;

/**
 * Shows a stack on the terminal until the user quits or the signal aborts. Returns what is left to say.
 * Throws DDS_NO_STACK when none runs at the start; then nothing was shown.
 */
export async function showTop(
  options: Pick<WatchOptions, 'stack' | 'intervalMs'>,
  context: RuntimeContext,
  screen: Pick<RunViewOptions, 'stdin' | 'stdout' | 'colours'>,
): Promise<string> {
  const ended = new AbortController();
  const watching = { ...context, signal: AbortSignal.any([context.signal, ended.signal]) };
  const looks = watchStack(options, watching);
  const first = await looks.next();
  if (first.done) return '';
  const state = new TopState(first.value);
  const { stack } = first.value;
  const view = new TopView(state, {
    followLog: (service, signal) => followLog({ stack, service, lines: lastLines }, { ...context, signal }),
    restart: (service) => restart(service, stack, context),
  });
  let failure: unknown;
  const watch = async () => {
    for await (const look of looks) {
      state.add(look);
      view.changed();
    }
  };
  void watch().catch((error: unknown) => {
    failure = error;
    ended.abort();
  });
  try {
    await runView(view, { ...screen, signal: watching.signal, clock: context.clock });
  } finally {
    ended.abort();
  }
  if (failure) throw failure;
  return state.summary();
}

async function restart(service: string, stack: string, context: RuntimeContext): Promise<string> {
  try {
    const done = await changeServices({ action: 'restart', names: [service], stack }, context);
    const [one] = done.services;
    return `${service} runs again (process ${one?.pid}) after ${(done.elapsedMs / 1000).toFixed(1)} s`;
  } catch (thrown) {
    const error = DdsError.from(thrown);
    return `${error.message} ${error.hint}`;
  }
}
