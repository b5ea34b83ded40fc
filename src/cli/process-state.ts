import { type Interrupt, watchSignals } from '../shared/signals.ts';

/** What one run of the CLI shares between `main` and its command. */
export interface ProcessState {
  readonly interrupt: Interrupt;
  /** True once the reader of stdout has gone (`dds … | head`). */
  stdoutClosed: boolean;
  /** Why stdout took no more, when that was not a reader that left: a full disk. */
  stdoutFailure: NodeJS.ErrnoException | null;
}

let state: ProcessState | undefined;

/** Made on first use by `main`; a command asks for it, because oclif constructs commands without letting us pass it. */
export function processState(): ProcessState {
  if (!state) {
    const created: ProcessState = { interrupt: watchSignals(), stdoutClosed: false, stdoutFailure: null };
    // oclif's own listener throws whatever is not EPIPE: a full disk would end in a stack trace.
    process.stdout.removeAllListeners('error');
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') created.stdoutClosed = true;
      else created.stdoutFailure ??= error;
      created.interrupt.closed();
    });
    process.stderr.on('error', () => undefined);
    state = created;
  }
  return state;
}
