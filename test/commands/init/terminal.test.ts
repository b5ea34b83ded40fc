import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { launcher, workspace } from '../../support/cli.ts';
import { everything, readTree, smallTemplate, writeTree } from '../../support/init.ts';
import { openTerminal, tmuxMissing } from '../../support/tmux.ts';

async function inTerminal(args: string) {
  const space = workspace();
  onTestFinished(() => space[Symbol.asyncDispose]());
  writeTree(join(space.directory, 'small'), smallTemplate);
  const terminal = await openTerminal(`${process.execPath} ${launcher} ${args}`, {
    cwd: space.directory,
    columns: 110,
    rows: 50,
  });
  onTestFinished(() => terminal[Symbol.asyncDispose]());
  return {
    space,
    terminal,
    files: () => everything(space.directory).filter((path) => !path.startsWith('small')),
  };
}

describe.skipIf(tmuxMissing)('dds init on a terminal', () => {
  test('asks what the flags leave open, takes what it proposes, and checks answers', async () => {
    const { space, terminal } = await inTerminal('init stream --template ./small --no-install --no-git');
    await terminal.until(/Name of the project[\s\S]*my-stream/);
    await terminal.type('My Job');
    await terminal.press('Enter');
    await terminal.until(/Expected lower-case letters, digits and dashes/);
    for (let i = 0; i < 6; i++) await terminal.press('BSpace');
    await terminal.type('asked');
    await terminal.press('Enter');
    await terminal.until(/Values above it are told[\s\S]*100/);
    await terminal.press('Enter');
    await terminal.until(/Unit of the limit/);
    await terminal.press('Down', 'Enter');
    await terminal.until(/Add the job to a dds\.yaml of its own/);
    await terminal.type('n');
    const screen = await terminal.until(/left with \d/);
    expect(screen).toContain('left with 0');
    expect(screen.replaceAll('\n', '')).toContain(
      'To repeat it: dds init stream asked --template ./small --limit 100 --unit F --no-add-job --no-install --package-manager npm --no-git',
    );
    expect(readTree(join(space.directory, 'asked'))['README.md']).toContain('above 100 °F');
  });

  test('Ctrl-C at a question leaves nothing, with 130', async () => {
    const { terminal, files } = await inTerminal('init stream --template ./small --no-install');
    await terminal.until(/Name of the project/);
    await terminal.press('C-c');
    expect(await terminal.until(/left with \d/)).toMatch(
      /interrupted; nothing was left behind[\s\S]*left with 130/,
    );
    expect(files()).toEqual([]);
    expect(await terminal.state()).toMatchObject({ cursorShown: true });
  });

  test('--yes asks nothing; the number of sites is asked too', async () => {
    const yes = await inTerminal('init stream --template ./small --no-install --no-git -y --no-add-job');
    expect(await yes.terminal.until(/left with \d/)).toMatch(/Wrote my-stream[\s\S]*left with 0/);
    const { terminal } = await inTerminal('init topology');
    await terminal.until(/Number of edge sites/);
    await terminal.press('Enter');
    expect(await terminal.until(/left with \d/)).toMatch(/Wrote dds\.yaml[\s\S]*left with 0/);
  });
});
