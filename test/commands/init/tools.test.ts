import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Workspace, workspace } from '../../support/cli.ts';
import { expectRefusal } from '../../support/honesty.ts';
import { everything, smallTemplate, writeProgram, writeTree } from '../../support/init.ts';
import { eventually } from '../../support/lab.ts';

const small = ['--template', './small', '--no-git'];

function withTemplate(files: Record<string, string> = {}): Workspace {
  const space = workspace();
  onTestFinished(() => space[Symbol.asyncDispose]());
  writeTree(space.directory, files);
  writeTree(join(space.directory, 'small'), smallTemplate);
  return space;
}

test('what the flags leave open is missing where nobody can be asked', async () => {
  const space = withTemplate();
  const before = everything(space.directory);
  await expectRefusal(
    space,
    ['init', 'stream', ...small],
    'DDS_USAGE',
    /--name is missing, and there is no terminal/,
  );
  await expectRefusal(
    space,
    ['init', 'stream', 'x', ...small, '--size', '3'],
    'DDS_USAGE',
    /unknown flag --size/,
  );
  expect(everything(space.directory)).toEqual(before);
});

test('no npm', async () => {
  const space = withTemplate();
  const before = everything(space.directory);
  const { code, stderr } = await space.dds(['init', 'stream', 'my-job', ...small], {
    env: { PATH: '/nowhere' },
  });
  expect(code).toBe(3);
  expect(stderr).toMatch(/^error: npm is not installed, or not in PATH\n.*--no-install.*\(DDS_TOOL\)$/m);
  expect(everything(space.directory)).toEqual(before);
});

test('a Node that is too old for the project', async () => {
  const space = withTemplate();
  const manifest = { name: '{{name}}', engines: { node: '>=99.0.0' } };
  writeTree(join(space.directory, 'small/files'), {
    '_package.json': JSON.stringify(manifest),
    _npmrc: 'engine-strict=true\n',
  });
  const before = everything(space.directory);
  const result = await space.dds(['init', 'stream', 'my-job', ...small]);
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(result.stderr).toMatch(
    /^error: npm install failed \(exit code 1\): .*Required: {"node":">=99.0.0"}; Actual: .*"node":"v\d.*\n.*nothing was left behind\. \(DDS_TOOL\)$/m,
  );
  expect(everything(space.directory)).toEqual(before);
});

test('npm that reaches no registry', async () => {
  const space = withTemplate();
  const before = everything(space.directory);
  const offline = {
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_cache: join(space.directory, '.cache'),
  };
  const result = await space.dds(['init', 'stream', 'my-job', ...small], { env: offline });
  expect(result).toMatchObject({ code: 3, stdout: '' });
  expect(result.stderr).toMatch(
    /^error: npm install failed \(exit code 1\): .*ECONNREFUSED.*\n.*--no-install; nothing was left behind\. \(DDS_TOOL\)$/m,
  );
  expect(result.elapsedMs).toBeLessThan(30_000);
  expect(everything(space.directory).filter((path) => !path.startsWith('.cache'))).toEqual(before);
});

test('npm installs by the lockfile and the settings that --merge keeps', async () => {
  const mine = { 'package-lock.json': 'locked', '.npmrc': 'registry=https://npm.example.org/' };
  const space = withTemplate({
    'mine/package-lock.json': mine['package-lock.json'],
    'mine/.npmrc': mine['.npmrc'],
  });
  const bin = join(space.directory, 'bin');
  writeProgram(
    bin,
    'npm',
    'mkdir node_modules; cat .npmrc package-lock.json > node_modules/seen; echo more >> package-lock.json',
  );
  const { code, stderr } = await space.dds(['init', 'stream', 'mine', ...small, '--merge', '--no-add-job'], {
    env: { PATH: `${bin}:${process.env.PATH}` },
  });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const at = (path: string) => readFileSync(join(space.directory, 'mine', path), 'utf8');
  expect(at('node_modules/seen')).toBe(mine['.npmrc'] + mine['package-lock.json']);
  expect(at('package-lock.json')).toBe('lockedmore\n');
  expect(at('.npmrc')).toBe(mine['.npmrc']);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s while npm is at work: nothing is left, and nobody goes on',
  async (signal) => {
    const space = withTemplate({ 'dds.yaml': 'sites: { edge-1: }\n' });
    const bin = join(space.directory, 'bin');
    // npm takes its time, and has started something that does not listen.
    writeProgram(
      bin,
      'npm',
      `mkdir node_modules; echo $$ > ${bin}/pid; trap '' INT TERM; sleep 600 & sleep 600`,
    );
    const before = everything(space.directory);
    const run = space.start(['init', 'stream', 'my-job', ...small], {
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    await eventually('npm', () => everything(space.directory).includes('bin/pid'));
    run.kill(signal);
    const { code, stdout, stderr } = await run.result;
    expect({ code, stdout }).toEqual({ code: signal === 'SIGINT' ? 130 : 143, stdout: '' });
    expect(stderr).toContain('error: interrupted; nothing was left behind');
    expect(everything(space.directory).filter((path) => path !== 'bin/pid')).toEqual(before);
  },
);
