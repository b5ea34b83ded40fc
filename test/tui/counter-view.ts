// A small view for tests of the screen itself: it counts keys, and crashes or is ended when told to.
import { createElement } from 'react';
import type * as TuiRows from '../../src/tui/rows.tsx';
import type * as TuiRunView from '../../src/tui/run-view.tsx';

// The compiled one: Node runs no JSX.
const compiled = (name: string) => import(new URL(`../../dist/tui/${name}`, import.meta.url).href);
const { runView } = (await compiled('run-view.js')) as typeof TuiRunView;
const { Rows } = (await compiled('rows.js')) as typeof TuiRows;

let screen: TuiRunView.Screen;
let [pressed, asked] = [0, 0];
const drawnAt: number[] = [];
const wide = process.argv[2] ?? '';
const controller = new AbortController();
process.once('SIGTERM', () => controller.abort());

const ask = () => {
  asked++;
  screen.redraw();
};

const view: TuiRunView.View = {
  start(shown) {
    screen = shown;
  },
  draw({ columns, rows, theme }) {
    drawnAt.push(performance.now());
    const lines = [
      theme.paint('title', `keys ${pressed} size ${columns}x${rows} asked ${asked}`),
      `${'x'.repeat(columns - 1)}|`,
      wide,
      ...Array.from({ length: rows - 4 }, (_, at) => `row ${at}`),
      theme.paint('muted', 'last row'),
    ];
    return createElement(Rows, { rows: lines, height: rows });
  },
  press(key) {
    pressed++;
    if (key === 'q') screen.quit();
    if (key === 'x') setImmediate(() => Promise.reject(new Error('the view crashed')));
    if (key === 'd') throw new Error('the key crashed');
    if (key === 'e') process.exit(9);
    if (key === 'f') for (let i = 0; i <= 2000; i++) setTimeout(ask, i);
  },
};

await runView(view, {
  ...{ stdin: process.stdin, stdout: process.stdout, colours: 256, signal: controller.signal },
  interrupt: () => controller.abort(),
});
const most = Math.max(
  ...drawnAt.map((from) => drawnAt.filter((at) => at >= from && at < from + 1000).length),
);
process.stdout.write(`${drawnAt.length} frames, at most ${most} in a second\n`);
