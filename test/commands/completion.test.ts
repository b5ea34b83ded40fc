import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launcher, type Workspace, workspace } from '../support/cli.ts';

const run = promisify(execFile);
let lab: Workspace;

beforeAll(async () => {
  lab = workspace();
  writeFileSync(
    join(lab.directory, 'dds.yaml'),
    'sites: { edge-1: , edge-2: }\ntopics: { readings: { schema: TemperatureData }, alarms: {} }\n',
  );
  mkdirSync(join(lab.directory, 'bin'));
  symlinkSync(launcher, join(lab.directory, 'bin', 'dds'));
  expect(await lab.dds(['up', '--ports', 'auto'])).toMatchObject({ code: 0 });
});
afterAll(() => lab[Symbol.asyncDispose]());

const again = { timeout: 15_000, interval: 100 };

/** What Tab offers at the end of the line. */
async function offered(line: string): Promise<string[]> {
  const { stdout } = await lab.dds(['complete', '--', ...line.split(' ')]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((one) => one.split('\t')[0]!);
}

test.each([
  ['to', ['top', 'topics']],
  ['topics de', ['delete', 'describe']],
  ['query ', ['count', 'tables']],
  ['run ', ['detector', 'fleet', 'notifier', 'relay', 'sink']],
  ['up --dr', ['--dry-run']],
  ['env --format ', ['dotenv', 'json', 'kcat', 'properties', 'shell']],
  ['env --format=js', ['--format=json']],
  ['completion ', ['bash', 'fish', 'zsh']],
  ['tail --site ', ['all', 'edge-1', 'edge-2']],
  ['tail -s edge-1,', ['edge-1,all', 'edge-1,edge-1', 'edge-1,edge-2']],
  ['tail re', ['readings']],
  ['produce al', ['alarms']],
  ['topics describe readings ', ['_schemas', 'alarms', 'readings']],
  ['schemas show r', ['readings-value']],
  ['stop edge-1', ['edge-1', 'edge-1/site']],
  ['status --stack ', ['default']],
  ['up --file ', [':file']],
  ['nonsense ', []],
])('dds %s', async (line, expected) => {
  // What the stack is asked for is left out where it does not answer within a quarter of a second; then one presses Tab again.
  await expect.poll(async () => (await offered(line)).sort(), again).toEqual(expected);
});

test('without a stack it offers what is fixed, and says nothing else', async () => {
  await using alone = workspace();
  const { stdout, stderr, code } = await alone.dds(['complete', '--', 'tail', '--site', '']);
  expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: '', code: 0 });
});

test('bash takes the script and completes with it', async () => {
  const script = `
    source <("$DDS" completion bash)
    COMP_WORDS=(dds topics describe read); COMP_CWORD=3; _dds; echo "\${COMPREPLY[*]}"
    COMP_WORDS=(dds up --file dds); COMP_CWORD=3; _dds; echo "\${COMPREPLY[*]}"
    COMP_WORDS=(dds tail --si); COMP_CWORD=2; _dds; echo "\${COMPREPLY[*]}"
    complete -p dds`;
  const bin = join(lab.directory, 'bin');
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}`, DDS: join(bin, 'dds') };
  const completed = async () =>
    (await run('bash', ['-c', script], { cwd: lab.directory, env })).stdout.trim().split('\n');
  await expect.poll(completed, again).toEqual(['readings', 'dds.yaml', '--site', 'complete -F _dds dds']);
});

for (const shell of ['zsh', 'fish']) {
  const found = (process.env.PATH ?? '').split(':').some((part) => existsSync(join(part, shell)));
  test.skipIf(!found)(
    `${shell} reads its script without an error${found ? '' : ` (no ${shell} here)`}`,
    async () => {
      const { stdout } = await lab.dds(['completion', shell]);
      const file = join(lab.directory, `completion.${shell}`);
      writeFileSync(file, stdout);
      expect((await run(shell, ['-n', file])).stderr).toBe('');
    },
  );
}
