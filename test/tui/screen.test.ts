import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openTerminal, tmuxMissing } from '../support/tmux.ts';

const view = fileURLToPath(new URL('./counter-view.ts', import.meta.url));
const open = (argument = '', size = { columns: 80, rows: 24 }) =>
  openTerminal(`'${process.execPath}' '${view}' '${argument}'`, { cwd: import.meta.dirname, ...size });

if (tmuxMissing) process.stderr.write(`${tmuxMissing}\n`);

describe.skipIf(tmuxMissing)('a view in a terminal', () => {
  test('fills the screen, hides the cursor, and follows the size', async () => {
    await using terminal = await open();
    await terminal.until(/keys 0 size 80x24/);
    expect(await terminal.state()).toEqual({ cursorShown: false, alternate: true });
    for (const [columns, rows] of [
      [160, 50],
      [60, 15],
      [100, 40],
    ] as const) {
      await terminal.resize(columns, rows);
      const screen = await terminal.until(new RegExp(`size ${columns}x${rows}[^]*last row`));
      const lines = screen.split('\n');
      expect(lines[1]).toBe(`${'x'.repeat(columns - 1)}|`);
      expect(lines.slice(3)).toEqual([
        ...Array.from({ length: rows - 4 }, (_, at) => `row ${at}`),
        'last row',
      ]);
    }
  });

  test.each([
    ['q', 0],
    ['C-c', 0],
    ['e', 9],
    ['x', 1],
    ['d', 1],
  ])('%s restores the screen and the cursor', async (key, code) => {
    await using terminal = await open();
    await terminal.until(/last row/);
    await terminal.press('j', 'j');
    await terminal.until(/keys 2/);
    await terminal.press(key);
    const screen = await terminal.until(/left with/);
    expect(screen).toMatch(/^before\n/);
    expect(screen).not.toMatch(/last row/);
    expect(screen).toContain(`left with ${code}`);
    if (code === 1) expect(screen).toMatch(/crashed/);
    expect(await terminal.state()).toEqual({ cursorShown: true, alternate: false });
  });

  test('a row that the terminal takes for wider does not push the frame apart', async () => {
    await using terminal = await open('☝️👩‍👩‍👧‍👦🇩🇪🏳️‍🌈'.repeat(9));
    const lines = (await terminal.until(/last row/)).split('\n');
    expect(lines).toHaveLength(24);
    expect(lines[3]).toBe('row 0');
  });

  test('draws at most 15 times a second, whatever it is asked for', async () => {
    await using terminal = await open();
    await terminal.until(/last row/);
    await terminal.press('f', ...Array.from({ length: 40 }, () => 'j'));
    await terminal.until(/keys 41 .* asked 2001/);
    await terminal.press('q');
    const [, frames, most] = (await terminal.until(/left with/)).match(/(\d+) frames, at most (\d+)/)!;
    expect(Number(most)).toBeLessThanOrEqual(15);
    expect(Number(frames)).toBeGreaterThan(15);
  });
});
