import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderTemplate } from '../../../src/runtime/init/render.ts';
import { findTemplate } from '../../../src/runtime/init/templates.ts';
import { writeTree } from '../../support/init.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const manifest = 'name: one\nkind: stream\ndescription: One\n';

function templateWith(files: Record<string, string>) {
  const directory = temporaryDirectory();
  writeTree(directory, { 'template.yaml': manifest, ...files });
  return { directory, template: () => findTemplate('stream', directory, '/') };
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: this is how GitHub writes it
const githubs = '${{ github.ref }} {{ name }} {x} {{}}';
const values = { name: 'my-job', 'pm.run': 'npm run', topic: 'a.b_c' };

test('values stand in texts and names of files, in PascalCase too; what npm would treat in its own way gets its name back', async () => {
  const { template } = templateWith({
    'files/{{name}}/{{Name}}.ts': 'export class {{Name}} { topic = "{{topic}}"; } // {{Topic}}, {{pm.run}}',
    'files/_gitignore': 'x',
    'files/deep/_package.json': '{}',
    'files/_other': githubs,
  });
  const files = await renderTemplate(template(), values);
  expect([...files].map(([path, { content }]) => [path, content])).toEqual([
    ['.gitignore', 'x'],
    ['_other', githubs],
    ['deep/package.json', '{}'],
    ['my-job/MyJob.ts', 'export class MyJob { topic = "a.b_c"; } // ABC, npm run'],
  ]);
});

test('binary files are copied as they are, executable ones stay so', async () => {
  const { directory, template } = templateWith({ 'files/run.sh': 'echo {{name}}' });
  const bytes = Buffer.from('{{name}}\0');
  writeFileSync(join(directory, 'files/logo.png'), bytes);
  chmodSync(join(directory, 'files/run.sh'), 0o755);
  const files = await renderTemplate(template(), values);
  expect(files.get('logo.png')).toEqual({ content: bytes, executable: false });
  expect(files.get('run.sh')).toEqual({ content: 'echo my-job', executable: true });
});

test.each([
  [
    'an unknown placeholder',
    { 'files/a': '{{nmae}}' },
    /files\/a: nothing is known of \{\{nmae\}\}; there are name, pm.run, topic/,
  ],
  ['a name that leaves the project', { 'files/{{up}}': '' }, /its name becomes "\.\.\/x"/],
])('%s is an error that names the file', async (_what, files, message) => {
  const { template } = templateWith(files);
  const all = 'files/{{up}}' in files ? { up: '../x' } : values;
  await expect(renderTemplate(template(), all)).rejects.toMatchObject({
    code: 'DDS_TEMPLATE_INVALID',
    message: expect.stringMatching(message),
  });
});

test.each([
  ['no YAML', 'a: [', /template\.yaml: /],
  ['a key that is none', `${manifest}nxt: []\n`, /template\.yaml: Unrecognized key: "nxt"/],
  [
    'a question by the name of a flag',
    `${manifest}questions: [{ name: force, description: x }]\n`,
    /questions: 0: name: is a flag of dds init itself/,
  ],
  [
    'a question that is asked twice',
    `${manifest}questions: [{ name: a, description: x }, { name: a, description: x }]\n`,
    /"a" is asked twice/,
  ],
  [
    'a pattern that is none',
    `${manifest}questions: [{ name: a, description: x, pattern: '(' }]\n`,
    /expected a regular expression/,
  ],
])('a template.yaml with %s is an error', (_what, text, message) => {
  const { template } = templateWith({ 'template.yaml': text, 'files/a': '' });
  expect(template).toThrow(
    expect.objectContaining({ code: 'DDS_TEMPLATE_INVALID', message: expect.stringMatching(message) }),
  );
});

test('a template needs files, and has to be of the kind that is asked for', () => {
  expect(templateWith({}).template).toThrow(/has no folder files/);
  const { directory } = templateWith({ 'files/a': '' });
  expect(() => findTemplate('producer', directory, '/')).toThrow(
    /is a template of a stream, not of a producer/,
  );
  expect(() => findTemplate('stream', 'revers', '/')).toThrow(/there is no template "revers"/);
});
