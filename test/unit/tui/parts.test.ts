import { describe, expect, test } from 'vitest';
import { hasScreen, isInteractive } from '../../../src/shared/terminal.ts';
import { footerRow, helpRows } from '../../../src/tui/footer.ts';
import { FrameScheduler } from '../../../src/tui/frame-scheduler.ts';
import { type Key, keysOf } from '../../../src/tui/keys.ts';
import { LineEditor } from '../../../src/tui/line-editor.ts';
import { ListCursor } from '../../../src/tui/list-cursor.ts';
import { condense, sparkline } from '../../../src/tui/sparkline.ts';
import { columnWidths, headRow, tableRow } from '../../../src/tui/table.ts';
import { textWidth } from '../../../src/tui/text.ts';
import { colourCount, createTheme } from '../../../src/tui/theme.ts';

const plain = createTheme(0);

test.each([
  [true, true, { TERM: 'xterm' }, true],
  [false, true, { TERM: 'xterm' }, false],
  [true, false, { TERM: 'xterm' }, false],
  [true, true, { TERM: 'dumb' }, false],
  [true, true, {}, false],
  [true, true, { TERM: 'xterm', CI: 'true' }, false],
  [true, true, { TERM: 'xterm', CI: 'false' }, true],
  [true, true, { TERM: 'xterm', NO_COLOR: '1' }, false],
])('stdin %s, stdout %s, %j: interactive %s', (stdin, stdout, env, expected) => {
  expect(isInteractive({ stdin: { isTTY: stdin }, stdout: { isTTY: stdout } } as never, env)).toBe(expected);
});

test('a screen is there whatever is asked of colours', () => {
  const both = { stdin: { isTTY: true }, stdout: { isTTY: true } } as never;
  expect(hasScreen(both, { TERM: 'xterm', NO_COLOR: '1', CI: '1' })).toBe(true);
});

describe('theme', () => {
  test.each([
    [1, true, 16],
    [4, true, 16],
    [8, true, 256],
    [24, true, 256],
    [24, false, 0],
  ])('a terminal of %i bits, wanted %s, has %i colours', (depth, wanted, colours) => {
    expect(colourCount({ getColorDepth: () => depth }, {}, wanted)).toBe(colours);
  });

  test('without colours only bold and inverse are left', () => {
    const roles = ['muted', 'accent', 'good', 'warning', 'bad', 'key'] as const;
    expect(roles.map((role) => plain.paint(role, 'x'))).toEqual(roles.map(() => 'x'));
    expect(plain.paint('selected', 'x')).toBe('\u001b[7mx\u001b[27m');
  });

  test('a painted part inside a painted row leaves the row painted', () => {
    for (const colours of [16, 256] as const) {
      const theme = createTheme(colours);
      const row = theme.paint('selected', `a${theme.paint('bad', 'b')}${theme.site('edge-2', 'c')}d`);
      expect(row).not.toContain('\u001b[0m');
      expect(row.indexOf('\u001b[27m')).toBe(row.length - 5);
    }
  });
});

test('keys have names, also when many come at once', () => {
  const none = {} as never;
  expect(keysOf('jj G', none)).toEqual(['j', 'j', 'space', 'G']);
  expect(keysOf('ab\r\u007f\u0004é', none)).toEqual(['a', 'b', 'enter', 'backspace', 'ctrl+d', 'é']);
  expect(keysOf('', { upArrow: true } as never)).toEqual(['up']);
  expect(keysOf('d', { ctrl: true } as never)).toEqual(['ctrl+d']);
});

test('a line is typed and changed', () => {
  const editor = new LineEditor('ab');
  const press = (...keys: Key[]) => keys.forEach((key) => void editor.press(key));
  press('left', 'x', 'space', 'end', '語', 'backspace', 'c');
  expect(editor.text).toBe('ax bc');
  press('ctrl+w');
  expect(editor.text).toBe('ax ');
  expect(editor.row(plain, 10)).toBe('ax \u001b[7m \u001b[27m');
  press('ctrl+u', ...'0123456789');
  expect(editor.row(plain, 6)).toBe('6789\u001b[7m \u001b[27m');
  expect(editor.press('up')).toBe(false);
});

test('a list keeps the chosen row in sight', () => {
  const list = new ListCursor();
  list.press('G', 100, 10);
  expect(list).toMatchObject({ selected: 99, top: 90 });
  list.press('ctrl+u', 100, 10);
  expect(list).toMatchObject({ selected: 94, top: 90 });
  list.press('g', 100, 10);
  expect(list).toMatchObject({ selected: 0, top: 0 });
  list.press('pgdn', 3, 10);
  expect(list).toMatchObject({ selected: 2, top: 0 });
  list.press('G', 0, 10);
  expect(list).toMatchObject({ selected: 0, top: 0 });
});

test('sparklines', () => {
  expect(sparkline([0, 1, 50, 100], 6)).toBe('  ▁▂▅█');
  expect(sparkline([5, 0, 0], 2)).toBe('▁▁');
  expect(condense([1, 2, 3, 4], 2)).toEqual([3, 7]);
  expect(condense([1, 2, 3, 4, 5], 4)).toEqual([1, 5, 9]);
});

describe('table', () => {
  const columns = [
    { title: 'name', grow: true, min: 4 },
    { title: 'rate', align: 'right' as const },
    { title: 'note', dropOrder: 1 },
  ];
  const rows = [
    ['語語語語', '1,000', 'long enough'],
    ['b', '2', ''],
  ];

  test('takes the width it is given', () => {
    const widths = columnWidths(columns, rows, 40);
    const lines = [headRow(columns, widths), ...rows.map((row) => tableRow(row, columns, widths))];
    expect(lines).toEqual([
      'name                   rate  note       ',
      '語語語語              1,000  long enough',
      'b                         2             ',
    ]);
    for (const line of lines) expect(textWidth(line)).toBe(40);
  });

  test('leaves columns out when there is no room', () => {
    const widths = columnWidths(columns, rows, 16);
    expect(rows.map((row) => tableRow(row, columns, widths))).toEqual([
      '語語語語   1,000',
      'b              2',
    ]);
  });
});

test('the footer has the hints that fit, the help has all', () => {
  const hints = [
    { keys: 'j k', does: 'move' },
    { keys: 'q', does: 'quit' },
  ];
  expect(footerRow(hints, 80, plain)).toBe('j k move  q quit');
  expect(footerRow(hints, 10, plain)).toBe('j k move');
  expect(helpRows('Keys', hints, 20, plain).map((row) => row.trimEnd())).toEqual([
    '\u001b[1mKeys\u001b[22m',
    '',
    'j k  move',
    'q    quit',
  ]);
});

test('a key is drawn at once while the second has frames left', async () => {
  const now = 0;
  const drawn: string[] = [];
  const scheduler = new FrameScheduler(() => drawn.push('frame'), { monotonic: () => now });
  scheduler.now();
  scheduler.now();
  expect(drawn).toHaveLength(2);
  scheduler.now();
  expect(drawn).toHaveLength(2);
  scheduler.stop();
});
