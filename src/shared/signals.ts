/** Exit codes a shell expects after these signals. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof exitCodes;

export interface Interrupt {
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP, or by `closed()`. */
  readonly signal: AbortSignal;
  /** Exit code of the signal that came; undefined while none did. */
  readonly exitCode: number | undefined;
  /** The reader of our output went away: end quietly. */
  closed(): void;
  dispose(): void;
}

/**
 * The first signal asks for a clean stop, the second leaves at once. npm passes a terminal's Ctrl-C on to a child
 * that has already received it, so under npm two within a second count as one.
 */
export function watchSignals(env = process.env, now: () => number = Date.now): Interrupt {
  const controller = new AbortController();
  const underNpm = env.npm_command !== undefined || env.npm_lifecycle_event !== undefined;
  let exitCode: number | undefined;
  let firstAt = 0;
  const onSignal = (name: Signal) => {
    if (controller.signal.aborted && exitCode !== undefined) {
      if (underNpm && now() - firstAt < 1000) return;
      process.exit(exitCodes[name]);
    }
    firstAt = now();
    exitCode = exitCodes[name];
    controller.abort();
  };
  const names = Object.keys(exitCodes) as Signal[];
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    closed: () => controller.abort(),
    dispose() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
