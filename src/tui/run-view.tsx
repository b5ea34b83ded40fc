import { Box, render, useInput } from 'ink';
import type { ReactNode } from 'react';
import { type Clock, systemClock } from '../shared/clock.ts';
import { FrameScheduler } from './frame-scheduler.ts';
import { type Key, keysOf } from './keys.ts';
import { type ColourCount, createTheme, type Theme } from './theme.ts';

/** What a view draws on. */
export interface Canvas {
  columns: number;
  rows: number;
  theme: Theme;
}

/**
 * A view over the whole terminal. It reads state that lives elsewhere and owns no more than what the user chose on the
 * screen: a cursor, a filter. To make one:
 *
 * 1. Write a class that implements this. `draw` composes `<Rows>` out of ready strings (`tableRow`, `sparkline`,
 *    `footerRow`, all painted by `canvas.theme`), together exactly `canvas.rows` high: a string a row is what keeps a frame
 *    cheap. Text that comes from outside goes through `singleLine` or `printable` before it is measured (`toWidth`).
 * 2. Let `press` change what the user chose. `ListCursor` moves in a list, `LineEditor` takes a line of text.
 * 3. Call `screen.redraw()` whenever the state changes; frames are drawn at most 15 times a second whatever that asks for.
 * 4. Hand it to `runView` when `isInteractive()`, and print lines otherwise.
 */
export interface View {
  /** Called once, before the first frame. */
  start(screen: Screen): void;
  draw(canvas: Canvas): ReactNode;
  press(key: Key): void;
}

/** What a view may ask of the screen it is on. */
export interface Screen {
  /** Draw again before long: something has changed. */
  redraw(): void;
  /** End the view. */
  quit(): void;
  /** Writes past the frame: for sequences that show nothing, such as a copy to the clipboard. */
  send(sequence: string): void;
}

export interface RunViewOptions {
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  colours: ColourCount;
  /** Ends the view when it aborts. */
  signal: AbortSignal;
  /** Does what Ctrl-C does outside a view. Default: this process gets a SIGINT. */
  interrupt?(): void;
  clock?: Clock;
}

export interface ViewStatistics {
  /** Frames drawn. */
  frames: number;
}

/** A row that is wider than we think must not wrap: it would push the frame apart. */
const noWrap = '\u001b[?7l';
const wrap = '\u001b[?7h';

/**
 * Shows a view on the alternate screen until it quits or the signal aborts. The screen, the cursor and the terminal's
 * modes are restored however it ends: also when the process leaves or crashes.
 */
export async function runView(view: View, options: RunViewOptions): Promise<ViewStatistics> {
  const { stdin, stdout, signal, clock = systemClock } = options;
  const interrupt = options.interrupt ?? (() => process.kill(process.pid, 'SIGINT'));
  const theme = createTheme(options.colours);
  const press = (key: Key) => {
    // In raw mode the terminal makes no signal of it.
    if (key === 'ctrl+c') interrupt();
    else view.press(key);
    scheduler.now();
  };
  const tree = () => {
    const canvas = { columns: stdout.columns || 80, rows: stdout.rows || 24, theme };
    return <Frame canvas={canvas} view={view} onKey={press} />;
  };
  const scheduler = new FrameScheduler(() => instance.rerender(tree()), clock);
  const resize = () => scheduler.now();
  view.start({
    redraw: () => scheduler.request(),
    quit: () => end(),
    send: (sequence) => void stdout.write(sequence),
  });
  stdout.write(noWrap);
  const instance = render(tree(), {
    ...{ stdin, stdout, exitOnCtrlC: false, patchConsole: false, interactive: true },
    ...{ alternateScreen: true, incrementalRendering: true, maxFps: 1000 },
  });
  const end = () => {
    scheduler.stop();
    instance.unmount();
  };
  // Before the error is printed, which would else be on the screen that goes away.
  const crash = () => {
    end();
    stdout.write(wrap);
  };
  const leave = () => void stdout.write(wrap);
  process.on('uncaughtExceptionMonitor', crash);
  process.on('exit', leave);
  stdout.on('resize', resize);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    await instance.waitUntilExit();
  } finally {
    scheduler.stop();
    stdout.off('resize', resize);
    signal.removeEventListener('abort', end);
    process.off('uncaughtExceptionMonitor', crash);
    process.off('exit', leave);
    leave();
  }
  return { frames: scheduler.frames };
}

interface FrameProps {
  canvas: Canvas;
  view: View;
  onKey(key: Key): void;
}

function Frame({ canvas, view, onKey }: FrameProps) {
  useInput((input, key) => {
    for (const one of keysOf(input, key)) onKey(one);
  });
  return (
    <Box flexDirection="column" width={canvas.columns} height={canvas.rows}>
      {view.draw(canvas)}
    </Box>
  );
}
