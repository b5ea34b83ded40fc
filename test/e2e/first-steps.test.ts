import { expect, onTestFinished, test } from 'vitest';
import { workspace } from '../support/cli.ts';
import { npmRegistryAnswers } from '../support/projects.ts';
import { shellIn } from '../support/shell.ts';

/** Lines that are there to be typed: examples of help begin with `$`, those of `Next:` are indented. */
const commandsIn = (output: string): string[] =>
  [...output.matchAll(/^ {2}(?:\$ )?(dds .*)$/gm)].map(([, line]) => line!);

test('from nothing to output of a job of one’s own: five commands, each told by the one before', async (context) => {
  if (!(await npmRegistryAnswers())) return context.skip();
  const space = workspace();
  onTestFinished(() => space[Symbol.asyncDispose](), 60_000);
  const shell = shellIn(space);
  let elapsedMs = 0;
  const type = async (line: string): Promise<string> => {
    const startedAt = performance.now();
    const { code, output } = await shell(line, { timeoutMs: 120_000 });
    const tookMs = performance.now() - startedAt;
    // How long npm takes is not ours; making the project is less than a second of it.
    if (!line.startsWith('dds init stream')) elapsedMs += tookMs;
    process.stderr.write(`${(tookMs / 1000).toFixed(1)} s  ${line}\n`);
    expect(code, `${line}\n${output}`).toBe(0);
    return output;
  };
  const help = await shell('dds init topology --help');
  const examples = help.output.slice(help.output.indexOf('EXAMPLES'));
  const topology = commandsIn(examples)[0]!;
  const project = commandsIn(await type(topology))[0]!;
  const rest = commandsIn(await type(project));
  expect([topology, project, ...rest]).toEqual([
    'dds init topology',
    'dds init stream my-job --template reverse',
    'dds up',
    'dds simulate --topic texts --count 100 --rate max',
    'dds tail my-job-output --from oldest -e',
  ]);
  let output = '';
  for (const line of rest) output = await type(line);
  const words = output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { topic: string; value: { text: string } });
  expect(words.length).toBeGreaterThan(0);
  expect(new Set(words.map(({ topic }) => topic))).toEqual(new Set(['my-job-output']));
  expect(words.every(({ value }) => value.text !== '')).toBe(true);
  expect(elapsedMs).toBeLessThan(60_000);
});
