import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { addEntry } from '../../../src/runtime/init/yaml-entries.ts';

const job = {
  section: 'jobs',
  name: 'new',
  value: { sites: 'edge-*', command: ['node', 'a b.js'], env: { N: 1 } },
};
const lines = '  new:\n    sites: edge-*\n    command: [node, a b.js]\n    env:\n      N: 1\n';

test.each([
  ['no such section', 'a: 1   # one\n# end\n', `a: 1   # one\n# end\n\njobs:\n${lines}`],
  ['an empty section', 'jobs:   # mine\n# more\nb:\n', `jobs:   # mine\n${lines}# more\nb:\n`],
  [
    'others before it, with comments and blanks as they are',
    'jobs:\n  # first\n  old:   { command:   x, sites: all }   # why\n\n# then\ntopics:   {}\n',
    `jobs:\n  # first\n  old:   { command:   x, sites: all }   # why\n${lines}\n# then\ntopics:   {}\n`,
  ],
  [
    'another indent, and a text of several lines at the end',
    'jobs:\n    old:\n        command: |\n            a\n            b\ntopics:\n',
    `jobs:\n    old:\n        command: |\n            a\n            b\n${lines.replace(/^ {2}/gm, '    ')}topics:\n`,
  ],
  ['a last entry without a value', 'jobs:\n  old:\ntopics:\n', `jobs:\n  old:\n${lines}topics:\n`],
  ['no line break at the end', 'jobs:\n  old:\n    command: x', `jobs:\n  old:\n    command: x\n${lines}`],
])('%s', (_what, before, after) => expect(addEntry(before, job)).toBe(after));

test.each([
  '{ jobs: { old: { command: x } } } # c\n',
  'jobs: { old: { command: x } } # c\n',
  'jobs: {} # c\n',
  'a: 1 # c\n...\n',
])('where no line can be added the document is printed anew, with its comments: %j', (before) => {
  const after = addEntry(before, job);
  expect(after).toContain('# c');
  const old = parse(before) as { jobs?: object };
  expect(parse(after)).toEqual({ ...old, jobs: { ...old.jobs, new: job.value } });
});

test('a tag, an anchor or Windows line breaks do no harm', () => {
  const before = 'base: &b { sites: all }\r\njobs:\r\n  old: { <<: *b, command: x }\r\n';
  const after = addEntry(before, job);
  expect(after).toContain('base: &b { sites: all }');
  expect(parse(after, { merge: true })).toMatchObject({ jobs: { old: { command: 'x' }, new: job.value } });
});
