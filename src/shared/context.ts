import type { Clock } from './clock.ts';

/** What a runtime function may know of the process it runs in. Commands build one; tests build their own. */
export interface RuntimeContext {
  /** Directory the user stands in: dds.yaml is looked for here, `.dds/` is made here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  /** Tells the user what is going on; the command decides how it looks. Never data. */
  report(message: string): void;
}
