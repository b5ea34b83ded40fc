import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { ErrorCode } from '../../../src/errors/index.ts';
import { type CreateProjectOptions, createProject } from '../../../src/runtime/init/index.ts';
import { everything, smallTemplate, writeTree } from '../../support/init.ts';
import { contextIn, temporaryDirectory } from '../../support/lab.ts';
import { readOnlyDirectory } from '../../support/read-only.ts';

const small = { template: './small', git: 'false', install: 'false' };

/** A directory with the small template and these files. */
function place(files: Record<string, string> = {}): string {
  const directory = temporaryDirectory();
  onTestFinished(() => directory[Symbol.dispose]());
  writeTree(directory.path, files);
  writeTree(join(directory.path, 'small'), smallTemplate);
  return directory.path;
}

const create = (cwd: string, options: Partial<CreateProjectOptions>) =>
  createProject({ kind: 'stream', given: small, ask: null, yes: false, ...options }, contextIn(cwd));

/** It is refused, and nothing else is there than before. */
async function expectNothingLeft(
  cwd: string,
  options: Partial<CreateProjectOptions>,
  ...[code, message]: [ErrorCode, RegExp]
): Promise<void> {
  const before = everything(cwd);
  await expect(create(cwd, options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(everything(cwd)).toEqual(before);
}

describe('names', () => {
  test.each([
    ['spaces', 'my job', 'my-job'],
    ['capitals', 'MyJob', 'myjob'],
    ['other letters', 'Übung-1', 'ubung-1'],
    ['no letter at all', '日本', 'my-stream'],
    ['too many letters', 'a'.repeat(41), 'a'.repeat(40)],
  ])('a directory with %s cannot name a project, and is told what could', async (_what, directory, name) => {
    const cwd = place();
    const options = { directory, yes: true };
    await expectNothingLeft(
      cwd,
      options,
      'DDS_USAGE',
      /cannot be the name of a project; expected lower-case letters/,
    );
    await expect(create(cwd, options)).rejects.toMatchObject({
      hint: expect.stringContaining(`--name ${name} `),
    });
    expect(await create(cwd, { directory, given: { ...small, name } })).toMatchObject({ name });
    expect(everything(join(cwd, directory))).toContain('package.json');
  });

  test.each(['My Job', '../x', 'a/b', 'é', '', '-x'])('--name %j is refused', async (name) => {
    const given = { ...small, name };
    await expectNothingLeft(
      place(),
      { given },
      'DDS_USAGE',
      /^--name takes lower-case letters, digits and dashes/,
    );
  });

  test('a path may lead elsewhere; what it leads to names the project', async () => {
    const cwd = place({ 'here/x': '' });
    const given = { ...small, template: '../small' };
    expect(await create(join(cwd, 'here'), { directory: '../there', given })).toMatchObject({
      name: 'there',
      directory: join(cwd, 'there'),
    });
  });

  test('a package that the project depends on', async () => {
    const message = /--name dds-lab is the name of a package that the project depends on/;
    await expectNothingLeft(place(), { directory: 'dds-lab' }, 'DDS_USAGE', message);
  });

  test('a job that dds.yaml has', async () => {
    const cwd = place({ 'dds.yaml': 'sites: { edge-1: }\njobs: { my-job: { sites: all, command: x } }\n' });
    await expectNothingLeft(
      cwd,
      { directory: 'my-job' },
      'DDS_USAGE',
      /^dds\.yaml has a job "my-job" already/,
    );
  });
});

test.each([
  ['--name', small, /^--name is missing/],
  ['a number', { ...small, name: 'x', limit: 'hot' }, /^--limit takes a number, not hot/],
  ['a choice', { ...small, name: 'x', unit: 'X' }, /^--unit takes one of C, F, not X/],
  ['the template', { name: 'x', template: 'revers' }, /^there is no template "revers" of a stream/],
])('an answer that is missing or wrong: %s', async (_what, given, message) => {
  await expectNothingLeft(place(), { given }, 'DDS_USAGE', message);
});

describe('places', () => {
  const options = { directory: 'my-job' };

  test('a file where the project should go', async () => {
    const message = /^my-job is a file, not a directory/;
    await expectNothingLeft(place({ 'my-job': 'a file' }), options, 'DDS_FILE_EXISTS', message);
  });

  test('a dds.yaml that is wrong, or would be', async () => {
    const cwd = place({ 'dds.yaml': 'sites: { edge-1: }\nrelay: {}\n' });
    await expectNothingLeft(cwd, options, 'DDS_TOPOLOGY_INVALID', /dds\.yaml:2:1: unknown key "relay"/);
    writeFileSync(join(cwd, 'dds.yaml'), 'sites: { central: }\n');
    await expectNothingLeft(cwd, options, 'DDS_TOPOLOGY_INVALID', /edge-\*/);
  });

  test('a package.json to be completed that is none', async () => {
    const cwd = place({ 'my-job/package.json': '{' });
    await expectNothingLeft(
      cwd,
      { ...options, onClash: 'keep' },
      'DDS_INPUT_INVALID',
      /my-job\/package\.json/,
    );
  });

  test('a directory that nothing can be written to', async ({ skip }) => {
    using readOnly = readOnlyDirectory((path) => writeTree(path, { 'full/x': '' }));
    if (!readOnly) return skip('no file system can be mounted here');
    for (const target of ['a/b/my-job', 'full']) {
      const given = { ...small, name: 'my-job' };
      const there = { directory: join(readOnly.path, target), given, onClash: 'keep' } as const;
      await expectNothingLeft(place(), there, 'DDS_FILE_UNWRITABLE', /cannot be written: (EROFS|EACCES)/);
    }
    expect(everything(readOnly.path)).toEqual(['full', 'full/x']);
  });
});
