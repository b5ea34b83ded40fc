import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createProject, findProject, updateProject } from '../../../src/runtime/init/index.ts';
import { workspace } from '../../support/cli.ts';
import { everything, readTree, smallTemplate, writeTree } from '../../support/init.ts';
import { contextIn, temporaryDirectory } from '../../support/lab.ts';

/** A project of the small template, in its own directory, and what can be done with both. */
async function project() {
  const temporary = temporaryDirectory();
  onTestFinished(() => temporary[Symbol.dispose]());
  const cwd = temporary.path;
  writeTree(join(cwd, 'small'), smallTemplate);
  const given = { template: './small', git: 'false', install: 'false', 'add-job': 'false', limit: '30' };
  const context = contextIn(cwd);
  await createProject({ kind: 'stream', directory: 'job', given, ask: null, yes: false }, context);
  const directory = join(cwd, 'job');
  return {
    cwd,
    directory,
    files: () => readTree(directory),
    edit: (files: Record<string, string>) => writeTree(directory, files),
    template: (files: Record<string, string>) => writeTree(join(cwd, 'small'), files),
    remove: (...path: string[]) => rmSync(join(cwd, ...path)),
    update: async (options: { dryRun?: boolean; given?: Record<string, string> } = {}) =>
      updateProject(
        { project: await findProject('job', undefined, cwd), given: {}, ask: null, yes: false, ...options },
        context,
      ),
  };
}

test('a project whose template stayed the same has nothing to do', async () => {
  const { files, update, edit } = await project();
  edit({ 'src/main.js': 'mine\n' });
  const before = files();
  expect(await update()).toMatchObject({ changes: [], conflicts: [], next: [] });
  expect(files()).toEqual(before);
});

test('what the template adds, changes and removes comes in; what you changed stays; both meet in one file', async () => {
  const { files, update, edit, template, remove, directory } = await project();
  edit({
    'README.md': files()['README.md']!.replace('# job', '# Our job'),
    'schemas/alert.avsc': '{ "mine": true }\n',
    'own.txt': 'own',
  });
  remove('job', '.gitignore');
  template({
    'files/README.md': smallTemplate['files/README.md'].replace('Start it:', 'Begin:'),
    'files/_gitignore': 'dist/\n',
    'files/src/other.js': '// {{limit}}\n',
    'files/_package.json': smallTemplate['files/_package.json'].replace('"start"', '"begin"'),
  });
  remove('small/files/src/main.js');
  remove('small/files/schemas/alert.avsc');
  const expected = [
    { path: '.gitignore', action: 'keep' },
    { path: 'README.md', action: 'merge' },
    { path: 'package.json', action: 'update' },
    { path: 'schemas/alert.avsc', action: 'keep' },
    { path: 'src/main.js', action: 'remove' },
    { path: 'src/other.js', action: 'add' },
  ];
  const before = files();
  expect(await update({ dryRun: true })).toMatchObject({ changes: expected, dryRun: true });
  expect(files()).toEqual(before);

  expect(await update()).toMatchObject({
    changes: expected,
    conflicts: [],
    next: ['(cd job && npm install)'],
  });
  const after = files();
  expect(after['README.md']).toBe('# Our job\n\nTells values above 30 °C.\n\nBegin:\n\n    npm run start\n');
  expect(after).toMatchObject({
    'src/other.js': '// 30\n',
    'schemas/alert.avsc': '{ "mine": true }\n',
    'own.txt': 'own',
  });
  expect(Object.keys(after)).not.toContain('src/main.js');
  expect(Object.keys(after)).not.toContain('.gitignore');
  expect(everything(directory).filter((path) => path.includes('dds-init'))).toEqual([]);
  expect((await update()).changes).toEqual([]);
});

test('a place that both changed gets marks, and has to be resolved before the next update', async () => {
  const { files, update, edit, template } = await project();
  const [mine, theirs] = ["console.log('mine');\n", "console.log('theirs');\n"];
  edit({ 'src/main.js': mine });
  template({ 'files/src/main.js': theirs });
  expect(await update()).toMatchObject({ conflicts: ['src/main.js'] });
  const marked = `<<<<<<< yours\n${mine}=======\n${theirs}>>>>>>> template\n`;
  expect(files()['src/main.js']).toBe(marked);

  template({ 'files/src/main.js': "console.log('newer');\n" });
  await expect(update()).rejects.toMatchObject({
    code: 'DDS_USAGE',
    message: expect.stringContaining('src/main.js'),
  });
  expect(files()['src/main.js']).toBe(marked);
  edit({ 'src/main.js': theirs });
  expect(await update()).toMatchObject({ changes: [{ path: 'src/main.js', action: 'update' }] });
});

test('an answer can be given anew, and a new question takes its default', async () => {
  const { files, update, template } = await project();
  expect((await update({ given: { limit: '50' } })).changes).toEqual([
    { path: 'README.md', action: 'update' },
    { path: 'src/main.js', action: 'update' },
  ]);
  expect(files()['README.md']).toContain('above 50 °C');
  template({
    'template.yaml': smallTemplate['template.yaml'].replace(
      'job:\n',
      '  - { name: colour, description: Colour, default: red }\njob:\n',
    ),
    'files/README.md': '{{limit}} {{colour}}\n',
  });
  expect((await update()).answers).toMatchObject({ limit: '50', colour: 'red' });
  expect(files()['README.md']).toBe('50 red\n');
});

test('the command: exit codes, text, JSON, what is no project', async () => {
  await using space = workspace();
  writeTree(join(space.directory, 'small'), smallTemplate);
  const options = ['--template', './small', '--no-git', '--no-install', '--no-add-job'];
  expect((await space.dds(['init', 'stream', 'job', ...options])).code).toBe(0);
  writeTree(space.directory, {
    'job/src/main.js': 'mine\n',
    'small/files/src/main.js': 'theirs\n',
    'small/files/new.txt': '',
  });
  const dry = await space.dds(['init', 'update', 'job', '--dry-run']);
  expect(dry).toMatchObject({
    code: 4,
    stdout: '+ new.txt\n! src/main.js  (changed by you and by the template)\n',
  });
  expect(dry.stderr).toContain('there would be marks in src/main.js');
  const done = await space.dds(['init', 'update', '--limit', '7', '--json'], {
    cwd: join(space.directory, 'job'),
  });
  expect(done).toMatchObject({
    code: 4,
    stderr: expect.stringMatching(/^error: there are marks in src\/main\.js\n.*DDS_UPDATE_CONFLICTS/),
  });
  expect(JSON.parse(done.stdout)).toMatchObject({ conflicts: ['src/main.js'], answers: { limit: '7' } });
  const nothing = await space.dds(['init', 'update', 'job']);
  expect(nothing).toMatchObject({ code: 0, stdout: 'The project is as the template small is now.\n' });
  for (const where of [[], ['small']]) {
    const refused = await space.dds(['init', 'update', ...where]);
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toContain(`${where[0] ?? '.'} has no .dds-answers.json`);
  }
  writeFileSync(join(space.directory, 'job/.dds-answers.json'), '{}');
  expect((await space.dds(['init', 'update', 'job'])).stderr).toContain('DDS_INPUT_INVALID');
});
