import type { ReadStream, WriteStream } from 'node:tty';

export type Env = Readonly<Record<string, string | undefined>>;

/** What of a terminal a view needs. */
export interface TerminalStreams {
  stdin: Pick<ReadStream, 'isTTY'>;
  stdout: Pick<WriteStream, 'isTTY'>;
}

/** True when a view can be shown at all: a terminal that can move its cursor, on both sides. */
export function hasScreen({ stdin, stdout }: TerminalStreams, env: Env): boolean {
  return stdin.isTTY === true && stdout.isTTY === true && env.TERM !== 'dumb' && !!env.TERM;
}

/**
 * True when a view is what the user expects: `hasScreen`, and nobody who asked for plain output (NO_COLOR), and no CI
 * that only looks like a terminal. Everything else gets lines.
 */
export function isInteractive(streams: TerminalStreams, env: Env): boolean {
  return hasScreen(streams, env) && !env.NO_COLOR && !isCi(env);
}

const isCi = ({ CI, CONTINUOUS_INTEGRATION }: Env): boolean =>
  [CI, CONTINUOUS_INTEGRATION].some(
    (value) => value !== undefined && value !== '' && value !== '0' && value !== 'false',
  );
