import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launcher, type Workspace, workspace } from '../support/cli.ts';
import { status } from '../support/stack.ts';
import { openTerminal, type TerminalOptions, tmuxMissing } from '../support/tmux.ts';

if (tmuxMissing) process.stderr.write(`${tmuxMissing}\n`);

describe.skipIf(tmuxMissing)('dds top in a terminal', () => {
  let lab: Workspace;
  beforeAll(async () => {
    lab = workspace();
    expect(await lab.dds(['up', '--sites', '1', '--ports', 'auto'])).toMatchObject({ code: 0 });
    // The last events are these, whatever order the services were ready in.
    expect(await lab.dds(['restart', 'edge-1/sink'])).toMatchObject({ code: 0 });
  }, 60_000);
  afterAll(() => lab[Symbol.asyncDispose](), 60_000);

  const open = (words: string, options: Partial<TerminalOptions> = {}) =>
    openTerminal(`'${process.execPath}' '${launcher}' ${words}`, {
      ...{ cwd: lab.directory, columns: 80, rows: 24 },
      ...options,
    });
  const pidOf = async (name: string) =>
    (await status(lab)).services.find(({ service }) => service === name)?.pid ?? null;
  /** Everything is there: rates, groups, and nothing that has still to be done. */
  const settled = (screen: string) =>
    /^default {2}ready .* \d+ % CPU/.test(screen) &&
    (screen.match(/^dds\.\S+ +Stable .* 0 {2}temperature/gm) ?? []).length === 2 &&
    (screen.match(/^(edge|central)\S* → \S+ +connected +0\/s +0 B\/s +0 /gm) ?? []).length === 1;

  test.each([
    [80, 24],
    [160, 50],
  ])('a frame at %i × %i', async (columns, rows) => {
    await using terminal = await open('top', { columns, rows });
    const screen = await terminal.until((seen) => settled(seen) && (columns < 160 || /▁/.test(seen)));
    expect(await terminal.state()).toEqual({ cursorShown: false, alternate: true });
    expect(screen.split('\n')).toHaveLength(rows);
    expect(masked(screen)).toMatchSnapshot();
  });

  test('keys go through the sections, and help says which', async () => {
    await using terminal = await open('status --watch');
    await terminal.until(settled);
    const detail = (text: string) => terminal.until(new RegExp(`^${text}.*\n.*\\? help`, 'm'));
    await detail('edge-1/site, process');
    await terminal.press('j');
    await detail('central/site, process');
    await terminal.press('Down');
    await detail('edge-1 → central by central/relay');
    await terminal.press('Tab', 'G');
    await detail('central/notifier, process');
    await terminal.press('BTab', 'BTab', 'k');
    await detail('edge-1/site, process');
    await terminal.press('4', 'r');
    await detail('It is no service');
    await terminal.press('?');
    await terminal.until(/^Keys$[\s\S]*restart the service, after a question/m);
    await terminal.press('x');
    await terminal.until(settled);
  });

  test('follows the log of a service, scrolls it, and lets nothing of it steer the terminal', async () => {
    const file = join(lab.directory, '.dds/default/logs/central.relay.log');
    const write = (message: string) => appendFileSync(file, `${message}\n`);
    await using terminal = await open('top');
    await terminal.until(settled);
    await terminal.press('Tab', 'Enter');
    await terminal.until(/log of central\/relay: following/);
    for (let line = 1; line <= 100; line++) write(`line ${line}`);
    write('\u001b[2J\u001b[Hgone 表示');
    await terminal.until(/line 99\n.*line 100\n.*\\u001b\[2J\\u001b\[Hgone 表示\nlog of/);
    await terminal.press('C-u');
    await terminal.until(/10 newer lines below, G follows/);
    write('not seen yet');
    const back = await terminal.until(/11 newer lines below/);
    expect(back).not.toContain('not seen yet');
    await terminal.press('G');
    await terminal.until(/not seen yet\nlog of central\/relay: following/);
    write(`long ${'x'.repeat(100)} end`);
    await terminal.until(/long x+…\nlog of/);
    await terminal.press('w');
    await terminal.until(/ x+ end\nlog of/);
    await terminal.press('Escape');
    await terminal.until(settled);
  });

  test('restarts a service after a yes, and only then', async () => {
    const before = await pidOf('central/sink');
    await using terminal = await open('top');
    await terminal.until(settled);
    await terminal.press('3', 'j', 'r');
    await terminal.until(/^Restart central\/sink\? y restarts it, n does not$/m);
    await terminal.press('j', 'n');
    await terminal.until(/^central\/sink, process/m);
    expect(await pidOf('central/sink')).toBe(before);
    await terminal.press('r', 'y');
    const [, pid] = (await terminal.until(/^central\/sink runs again \(process \d+\) after/m)).match(
      /process (\d+)/,
    )!;
    expect(Number(pid)).not.toBe(before);
    expect(await pidOf('central/sink')).toBe(Number(pid));
    await terminal.until(/ready +central\/sink/);
  });

  test('shows a crash, and what the service is until it is back', async () => {
    await using terminal = await open('top', { columns: 160, rows: 50 });
    await terminal.until(settled);
    process.kill((await pidOf('edge-1/detector'))!, 'SIGKILL');
    await terminal.until(/crashed +edge-1\/detector +was killed by SIGKILL; starts again in 0.1 s/);
    const screen = await terminal.until(/^edge-1\/detector +ready .* 1 +\d+ MiB/m);
    expect(screen).toMatch(
      /ready +edge-1\/detector[\s\S]*starting +edge-1\/detector[\s\S]*crashed +edge-1\/detector/,
    );
    await terminal.press('q');
    await terminal.until(/^default: ready; [\d,]+ records in and [\d,]+ out within \d+ s, 1 crash$/m);
  });

  test('shows a site that hangs, what the relay sees of it, and that it is well again', async () => {
    await using terminal = await open('top', { columns: 160, rows: 50 });
    await terminal.until(settled);
    const pid = (await pidOf('edge-1/site'))!;
    process.kill(pid, 'SIGSTOP');
    try {
      await terminal.until(/^default {2}degraded/);
      await terminal.until(/^edge-1 +silent .* does not answer$/m);
      await terminal.until(/^– +unknown +edge-1 +– +– +edge-1\/site is silent$/m);
      await terminal.until(/degraded +edge-1\/site +does not answer$/m);
      await terminal.until(/^edge-1 → central +(stalled|unreachable) /m, 30_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await terminal.until(/recovered +edge-1\/site +answers again$/m);
    await terminal.until(/recovered +central\/relay +edge-1 is connected again$/m);
    await terminal.until(settled);
  });

  test('follows the size down to what a terminal can show', async () => {
    await using terminal = await open('top', { columns: 160, rows: 50 });
    await terminal.until(settled);
    await terminal.resize(60, 24);
    const narrow = await terminal.until((seen) => !/DATABASE/.test(seen) && /BYTES IN/.test(seen));
    expect(Math.max(...narrow.split('\n').map((row) => row.length))).toBeLessThanOrEqual(60);
    await terminal.resize(40, 10);
    await terminal.until((seen) => /^SITE/m.test(seen) && !/^LINK/m.test(seen));
    await terminal.press('Tab');
    await terminal.until((seen) => /^LINK/m.test(seen) && !/^SITE/m.test(seen));
    await terminal.resize(80, 24);
    await terminal.until(settled);
  });

  test.each([
    ['q', 0],
    ['C-c', 130],
  ])('%s restores the screen and the cursor, and sums up', async (key, code) => {
    await using terminal = await open('top');
    await terminal.until(settled);
    await terminal.press(key);
    const screen = await terminal.until(/left with/);
    expect(screen).toMatch(/^before\ndefault: ready; [\d,]+ records in and [\d,]+ out within \d+ s\n/);
    expect(screen).toContain(`left with ${code}`);
    expect(await terminal.state()).toEqual({ cursorShown: true, alternate: false });
  });

  test.each([
    ['NO_COLOR', { env: { NO_COLOR: '1' } }, ''],
    ['CI', { env: { CI: 'true' } }, ''],
    ['TERM=dumb', { term: 'dumb' }, ''],
    ['stdin from a file', {}, '< /dev/null'],
    ['stdout into a pipe', {}, '| cat'],
  ])('%s: lines instead of a view', async (_what, options, redirection) => {
    for (const words of ['top --interval 100ms', 'status --watch --interval 100ms']) {
      await using terminal = await open(`${words} ${redirection}`, { columns: 120, ...options });
      const screen = await terminal.until(/(^\d\d:\d\d:\d\d {2}ready {2}in .*\n){3}/m);
      expect(screen).toMatch(/^before\n/);
      expect((await terminal.state()).alternate).toBe(false);
    }
  });

  test('a stack that goes down is said, and the view goes on when it is back', async () => {
    await using terminal = await open('top');
    await terminal.until(settled);
    await lab.dds(['down']);
    const down = await terminal.until(/^default {2}down/);
    expect(down).toMatch(/^the stack "default" is not running here\n.*goes on when it is back/m);
    await terminal.press('3', 'Enter', 'Escape');
    await lab.dds(['up', '--sites', '1', '--ports', 'auto']);
    await terminal.until(settled);
    await terminal.press('q');
    await terminal.until(/left with 0/);
  });
});

/**
 * The frame without what differs from run to run; figures keep their width, and only the events of the restart stay, with one
 * blank row after them: how many others there are, and rows without any, depends on what ended up in one of them.
 */
function masked(screen: string): string {
  const number = String.raw`(?:[\d,.]+(?: (?:B|KiB|MiB|GiB|s|min|%))?(?:/s)?|–)`;
  const rows = screen.split('\n').map((row, at) => {
    const untimed = row.replace(/\d\d:\d\d:\d\d/, 'hh:mm:ss');
    if (at === 0 || /process \d+/.test(row)) {
      return untimed
        .replaceAll(new RegExp(`(?<=[ :])${number}(?= |,|$)`, 'g'), '#')
        .replaceAll(/ {2,}/g, '  ');
    }
    return untimed
      .replaceAll(/ *[▁▂▃▄▅▆▇█]+/g, '  ▁▁▁')
      .replaceAll(new RegExp(` +${number}(?= |$)`, 'g'), (found) => '#'.padStart(found.length));
  });
  const events = rows.findIndex((row) => row.startsWith('EVENT'));
  return rows
    .map((row) => row.replace(/^EVENT \+\d+/, 'EVENT +#'))
    .filter((row, at) => at <= events + 4 || !row.startsWith('hh:mm:ss'))
    .filter((row, at, all) => row !== '' || all[at - 1] !== '')
    .join('\n');
}
