import { expect, test } from 'vitest';
import { workspace } from '../support/cli.ts';
import { shellIn } from '../support/shell.ts';
import { codeBlocks, readPage } from './markdown.ts';

const tour = /<!-- tour:start -->([\s\S]*?)<!-- tour:end -->/.exec(readPage('README.md'))?.[1];
const commands = codeBlocks(tour ?? '')
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
  .filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));

// Without the markers there is nothing to run: the report shows the test as skipped.
test.skipIf(tour === undefined)('the tour of the README runs', { timeout: 60_000 }, async () => {
  expect(commands.length).toBeGreaterThan(3);
  await using space = workspace();
  const shell = shellIn(space);
  for (const command of commands) {
    const { code, output } = await shell(command);
    // On a machine that is busy with other tests the simulator may say that it could not hold the rate.
    const isBusy = code === 4 && /DDS_RATE_MISSED/.test(output);
    expect(isBusy ? 0 : code, `${command}\n${output}`).toBe(0);
  }
});
