import { expect, test } from 'vitest';
import { mergeText } from '../../../src/runtime/init/merge-text.ts';

const base = 'one\ntwo\nthree\nfour\n';

test.each([
  [
    'changes at different places',
    'ONE\ntwo\nthree\nfour\n',
    'one\ntwo\nthree\nFOUR\n',
    'ONE\ntwo\nthree\nFOUR\n',
  ],
  [
    'the same change in both',
    'one\nTWO\nthree\nfour\n',
    'one\nTWO\nthree\nfour\nfive\n',
    'one\nTWO\nthree\nfour\nfive\n',
  ],
  [
    'Windows line breaks',
    'ONE\r\ntwo\r\nthree\r\nfour\r\n',
    'one\ntwo\nthree\nFOUR\n',
    'ONE\r\ntwo\r\nthree\r\nFOUR\r\n',
  ],
])('%s are merged', (_what, mine, theirs, text) => {
  expect(mergeText('a.ts', mine, base, theirs)).toEqual({ text, conflict: false });
});

test('the same place stands there twice, between marks', () => {
  expect(mergeText('a.ts', 'one\nmine\nthree\nfour\n', base, 'one\ntheirs\nthree\nfour\n')).toEqual({
    text: 'one\n<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> template\nthree\nfour\n',
    conflict: true,
  });
});

test('a file that both made keeps what they have in common', () => {
  expect(mergeText('a.md', '# A\n\nmine\n', null, '# A\n\ntheirs\n').text).toBe(
    '# A\n\n<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> template\n',
  );
});

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`;
const manifest = { name: 'x', dependencies: { 'dds-lab': 'file:vendor/1.tgz', old: '1' } };

test('a package.json is merged key by key: what npm wrote beside a line of the template is no conflict', () => {
  const mine = json({ ...manifest, dependencies: { ...manifest.dependencies, zod: '4' }, private: true });
  const theirs = json({ name: 'x', dependencies: { 'dds-lab': 'file:vendor/2.tgz' }, type: 'module' });
  const { text, conflict } = mergeText('package.json', mine, json(manifest), theirs);
  expect(conflict).toBe(false);
  expect(JSON.parse(text)).toEqual({
    name: 'x',
    dependencies: { 'dds-lab': 'file:vendor/2.tgz', zod: '4' },
    private: true,
    type: 'module',
  });
});

test.each([
  ['one key in both', json({ ...manifest, name: 'mine' }), json({ ...manifest, name: 'theirs' })],
  ['no JSON', '{ "name": "mine", }\n', json({ ...manifest, name: 'theirs' })],
])('a package.json with %s gets marks', (_what, mine, theirs) => {
  expect(mergeText('package.json', mine, json(manifest), theirs)).toMatchObject({
    conflict: true,
    text: expect.stringContaining('<<<<<<< yours'),
  });
});
