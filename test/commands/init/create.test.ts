import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadTopology } from '../../../src/runtime/topology/index.ts';
import { type Workspace, workspace } from '../../support/cli.ts';
import { everything, readTree, smallTemplate, writeTree } from '../../support/init.ts';
import { json } from '../../support/stack.ts';

interface Created {
  directory: string;
  files: string[];
  clashes: string[];
  command: string;
  next: string[];
  git: boolean;
}
const small = ['--template', './small', '--no-install', '--no-git'];

function withTemplate(): Workspace {
  const space = workspace();
  writeTree(join(space.directory, 'small'), smallTemplate);
  return space;
}

test('a project is written with its answers, its library and its job in dds.yaml, where comments stay', async () => {
  await using space = withTemplate();
  const yaml = '# mine\nsites: { edge-1: , central: }   # two\n';
  writeFileSync(join(space.directory, 'dds.yaml'), yaml);
  const { code, stdout, stderr } = await space.dds(['init', 'stream', 'my-job', ...small, '--limit', '30']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const library = /vendor\/dds-lab-\S+\.tgz/;
  expect(stdout).toBe(
    [
      'Wrote my-job (7 files, template stream/small).',
      'Added the job my-job to dds.yaml, with the topics my-job-output.',
      'To repeat it: dds init stream my-job --template ./small --limit 30 --unit C --add-job --no-install --package-manager npm --no-git',
      'Next:',
      '  (cd my-job && npm install)',
      '  dds up',
      '  dds tail my-job-output',
      '',
    ].join('\n'),
  );
  const project = readTree(join(space.directory, 'my-job'));
  expect(Object.keys(project)).toEqual([
    '.dds-answers.json',
    '.gitignore',
    'README.md',
    'package.json',
    'schemas/alert.avsc',
    'src/main.js',
    expect.stringMatching(library),
  ]);
  expect(project['README.md']).toContain('Tells values above 30 °C.\n\nStart it:\n\n    npm run start\n');
  expect(JSON.parse(project['package.json']!).dependencies['dds-lab']).toMatch(library);
  expect(project['schemas/alert.avsc']).toContain('"MyJobAlert"');
  const changed = readFileSync(join(space.directory, 'dds.yaml'), 'utf8');
  expect(changed.startsWith(yaml)).toBe(true);
  const { jobs, sites } = await loadTopology({ cwd: space.directory });
  expect(jobs).toMatchObject([
    { name: 'my-job', site: 'edge-1', env: { LIMIT: '30' }, cwd: join(space.directory, 'my-job') },
  ]);
  expect(sites[0]!.topics).toMatchObject([
    { name: 'my-job-output', partitions: 2, schema: { subject: 'my-job-output-value' } },
  ]);
});

test('the command to repeat makes the same again; --dry-run writes nothing', async () => {
  await using space = withTemplate();
  const options = ['init', 'stream', 'plant', ...small, '--unit', 'F', '--name', 'other', '--no-add-job'];
  const planned = await json<Created>(space, [...options, '--dry-run']);
  expect(everything(space.directory).filter((path) => !path.startsWith('small'))).toEqual([]);
  const first = await json<Created>(space, options);
  expect({ ...planned, dryRun: false }).toEqual(first);
  const made = readTree(join(space.directory, 'plant'));
  expect(first.files).toEqual(Object.keys(made));
  const again = first.command.replace('dds ', '').replace(' plant ', ' twin ').split(' ');
  expect((await space.dds(again)).code).toBe(0);
  expect(readTree(join(space.directory, 'twin'))).toEqual(made);
});

test('below a dds.yaml that one is taken; without any the project gets its own', async () => {
  await using space = withTemplate();
  writeTree(space.directory, {
    'plant/dds.yaml': 'sites: { edge-1: }\njobs: { old: { command: x, sites: all } }\n',
    'plant/jobs/x': '',
  });
  const cwd = join(space.directory, 'plant/jobs');
  const below = await space.dds(['init', 'stream', 'my-job', ...small.with(1, '../../small'), '--json'], {
    cwd,
  });
  expect(JSON.parse(below.stdout).next).toEqual([
    'cd ..',
    '(cd jobs/my-job && npm install)',
    'dds up',
    'dds tail my-job-output',
  ]);
  const plant = await loadTopology({ cwd: join(space.directory, 'plant') });
  expect(plant.jobs.map(({ name, cwd: at }) => [name, at])).toEqual([
    ['old', join(space.directory, 'plant')],
    ['my-job', join(cwd, 'my-job')],
  ]);

  const alone = await json<Created>(space, ['init', 'stream', 'lonely', ...small]);
  expect(alone.next).toEqual([
    'cd lonely',
    'npm install',
    'dds up',
    'dds tail my-job-output'.replace('my-job', 'lonely'),
  ]);
  const own = await loadTopology({ cwd: join(space.directory, 'lonely') });
  expect(own.jobs.map(({ site }) => site)).toEqual(['edge-1', 'edge-2']);

  const without = await json<Created>(space, ['init', 'stream', 'quiet', ...small, '--no-add-job']);
  expect(without.next).toEqual(['cd quiet', 'npm install', 'npm test']);
  expect(without.files).not.toContain('dds.yaml');
});

test('git makes it a repository, unless it is in one', async () => {
  await using space = withTemplate();
  const options = [...small.slice(0, 3), '--no-add-job'];
  expect((await json<Created>(space, ['init', 'stream', 'a', ...options])).git).toBe(true);
  expect(existsSync(join(space.directory, 'a/.git/HEAD'))).toBe(true);
  mkdirSync(join(space.directory, '.git'));
  expect((await json<Created>(space, ['init', 'stream', 'b', ...options])).git).toBe(false);
  expect(existsSync(join(space.directory, 'b/.git'))).toBe(false);
});

test('a directory that is not empty is refused with what clashes; --merge keeps, --force overwrites', async () => {
  await using space = withTemplate();
  const mine = {
    'README.md': 'mine\n',
    '.gitignore': '*.log',
    'package.json': '{ "name": "mine", "dependencies": { "zod": "4" } }',
    'notes.txt': 'n',
    'src/other.js': 'o',
  };
  writeTree(join(space.directory, 'old'), mine);
  const options = ['init', 'stream', 'old', ...small, '--no-add-job'];
  const refused = await space.dds(options);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toBe(
    'error: old is not empty; these are there already: .gitignore, README.md, package.json\n' +
      '  Choose another directory, keep what is there with --merge, or overwrite it with --force. (DDS_FILE_EXISTS)\n',
  );
  expect(readTree(join(space.directory, 'old'))).toEqual(mine);

  const merged = await json<Created>(space, [...options, '--merge']);
  expect(merged.clashes).toEqual(['.gitignore', 'README.md', 'package.json']);
  const both = readTree(join(space.directory, 'old'));
  expect(both).toMatchObject({
    'README.md': 'mine\n',
    '.gitignore': '*.log\nnode_modules/\n',
    'notes.txt': 'n',
    'src/other.js': 'o',
  });
  expect(JSON.parse(both['package.json']!)).toEqual({
    name: 'mine',
    dependencies: { zod: '4', 'dds-lab': expect.stringMatching(/^file:vendor/) },
    type: 'module',
    scripts: { start: 'node src/main.js' },
  });
  expect(both['src/main.js']).toContain("'old'");

  expect((await space.dds([...options, '--force'])).code).toBe(0);
  const forced = readTree(join(space.directory, 'old'));
  expect(forced).toMatchObject({ '.gitignore': 'node_modules/\n', 'notes.txt': 'n' });
  expect(forced['README.md']).toContain('# old');
  expect(everything(join(space.directory, 'old')).filter((path) => path.includes('dds-init'))).toEqual([]);
});

test('an empty directory that is there is filled, as is one that has git only', async () => {
  await using space = withTemplate();
  writeTree(space.directory, { 'clone/.git/HEAD': 'x' });
  const cwd = join(space.directory, 'clone');
  const made = await space.dds(['init', 'stream', '.', '--template', '../small', '--no-install', '--json'], {
    cwd,
  });
  expect(JSON.parse(made.stdout)).toMatchObject({ name: 'clone', directory: cwd, git: false });
  expect(readFileSync(join(cwd, '.git/HEAD'), 'utf8')).toBe('x');
  expect(existsSync(join(cwd, 'src/main.js'))).toBe(true);
});

test.each(['.git', '.git/HEAD'])(
  'a repository that is there is left alone, also with --git: %s',
  async (path) => {
    await using space = withTemplate();
    writeTree(space.directory, { [`clone/${path}`]: 'gitdir: x' });
    const options = ['--template', './small', '--no-install', '--no-add-job', '--git'];
    const made = await json<Created>(space, ['init', 'stream', 'clone', ...options]);
    expect(made.git).toBe(false);
    expect(readFileSync(join(space.directory, 'clone', path), 'utf8')).toBe('gitdir: x');
    expect(existsSync(join(space.directory, 'clone/src/main.js'))).toBe(true);
  },
);

test('templates are listed with what they ask', async () => {
  await using space = workspace();
  const { templates } = await json<{ templates: { name: string; kind: string }[] }>(space, [
    'init',
    'stream',
    '--list-templates',
  ]);
  expect(templates).toContainEqual(expect.objectContaining({ name: 'reverse', kind: 'stream' }));
  const text = await space.dds(['init', 'stream', '--list-templates']);
  expect(text.stdout).toMatch(/^TEMPLATE +WHAT IT IS +ASKS\n(.*\n)*reverse +\S.*--input/);
});
