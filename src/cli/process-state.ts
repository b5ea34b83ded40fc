import { type Interrupt, watchSignals } from './signals.ts';

/** What one run of the CLI shares between `main` and its command. */
export interface ProcessState {
  readonly interrupt: Interrupt;
  /** True once the reader of stdout has gone (`dds … | head`). */
  stdoutClosed: boolean;
}

let state: ProcessState | undefined;

/** Made on first use by `main`; a command asks for it, because oclif constructs commands without letting us pass it. */
export function processState(): ProcessState {
  if (!state) {
    const created: ProcessState = { interrupt: watchSignals(), stdoutClosed: false };
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      created.stdoutClosed = true;
      created.interrupt.closed();
    });
    process.stderr.on('error', () => undefined);
    state = created;
  }
  return state;
}
