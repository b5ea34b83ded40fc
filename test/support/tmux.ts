import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Null where tmux is installed; else why a test is skipped. */
export const tmuxMissing =
  spawnSync('tmux', ['-V']).status === 0 ? null : 'tmux is not installed: views are not tested in a terminal';

export interface TerminalOptions {
  cwd: string;
  columns: number;
  rows: number;
  env?: Record<string, string>;
  /** What the terminal is taken for; it decides the colours. Default screen-256color. */
  term?: string;
}

/** A real terminal with a program in it, driven through tmux. */
export interface Terminal extends AsyncDisposable {
  /** What is on the screen: one line a row, without the spaces at its end. */
  screen(): Promise<string>;
  /** The same with its colours, as escape sequences. */
  colouredScreen(): Promise<string>;
  /** Resolves with the first screen that fits; rejects when the screen has not changed for a long time. */
  until(fits: RegExp | ((screen: string) => boolean), quietMs?: number): Promise<string>;
  /** Presses keys by tmux's names: `j`, `Space`, `Enter`, `Escape`, `C-c`, `C-d`, `Up` … */
  press(...keys: string[]): Promise<void>;
  /** Types text as it is. */
  type(text: string): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Cursor shown or hidden, and whether the program has the alternate screen. */
  state(): Promise<{ cursorShown: boolean; alternate: boolean }>;
  /** Process id of the program. */
  pid(): Promise<number>;
  /** What the program put into the clipboard (OSC 52); empty while it has put nothing. */
  clipboard(): Promise<string>;
}

/**
 * Runs a shell command in a terminal of its own. The screen begins with `before`, and what the command leaves behind is
 * followed by `left with CODE`; then the terminal stays open until it is disposed of.
 */
export async function openTerminal(command: string, options: TerminalOptions): Promise<Terminal> {
  const { cwd, columns, rows, env = {}, term = 'screen-256color' } = options;
  // A server of its own: no configuration, no state, nothing shared with the terminals of others.
  const socket = `dds-test-${randomUUID()}`;
  const { NO_COLOR, FORCE_COLOR, CI, CONTINUOUS_INTEGRATION, TMUX, ...inherited } = process.env;
  const tmux = async (...args: string[]) =>
    (await run('tmux', ['-L', socket, ...args], { env: { ...inherited, LC_ALL: 'C.UTF-8' } })).stdout;
  const variables = Object.entries({ TERM: term, LC_ALL: 'C.UTF-8', ...env }).map(
    ([k, v]) => `${k}=${quote(v)}`,
  );
  // Ctrl-C is for the program, not for the shell around it. That the terminal is tmux must decide nothing.
  const script = `trap : INT; echo before; env -u TMUX -u TMUX_PANE -u TERM_PROGRAM ${variables.join(' ')} ${command}; echo "left with $?"; exec sleep 600`;
  await tmux(
    ...['-u', '-f', '/dev/null', 'new-session', '-d', '-c', cwd, '-x', `${columns}`, '-y', `${rows}`],
    ...['sh', '-c', script, ';', 'set', '-g', 'status', 'off', ';', 'set', '-g', 'set-clipboard', 'on'],
    ...[';', 'set', '-g', 'window-size', 'manual', ';', 'resize-window', '-x', `${columns}`, '-y', `${rows}`],
  );
  const capture = (...flags: string[]) => tmux('capture-pane', '-p', ...flags);
  const terminal: Terminal = {
    screen: async () => (await capture()).replace(/[ \t]+$/gm, '').replace(/\n$/, ''),
    colouredScreen: () => capture('-e'),
    async until(fits, quietMs = 15_000) {
      const good = typeof fits === 'function' ? fits : (screen: string) => fits.test(screen);
      let [last, changedAt] = ['', performance.now()];
      for (;;) {
        const screen = await terminal.screen();
        if (good(screen)) return screen;
        if (screen !== last) [last, changedAt] = [screen, performance.now()];
        if (performance.now() - changedAt > quietMs)
          throw new Error(`waited for ${fits}; the screen is\n${screen}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    type: async (text) => void (await tmux('send-keys', '-l', text)),
    resize: async (x, y) => void (await tmux('resize-window', '-x', `${x}`, '-y', `${y}`)),
    async state() {
      const [cursor, alternate] = (await tmux('display-message', '-p', '#{cursor_flag} #{alternate_on}'))
        .trim()
        .split(' ');
      return { cursorShown: cursor === '1', alternate: alternate === '1' };
    },
    async pid() {
      const shell = (await tmux('display-message', '-p', '#{pane_pid}')).trim();
      return Number((await run('pgrep', ['-P', shell])).stdout.trim());
    },
    clipboard: () => tmux('show-buffer').catch(() => ''),
    async [Symbol.asyncDispose]() {
      await tmux('kill-server').catch(() => undefined);
    },
  };
  return terminal;
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
