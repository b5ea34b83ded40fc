import { expect, test } from 'vitest';
import { type Ask, answerAll, type Question } from '../../../src/runtime/init/questions.ts';

const questions: Question[] = [
  { name: 'template', description: 'What', suggestion: 'a', choices: ['a', 'b'] },
  {
    name: 'output',
    description: 'Topic',
    default: '{{template}}-out',
    pattern: '[a-z-]+',
    expects: 'a topic',
  },
  { name: 'git', description: 'Git', type: 'yes-no', default: 'true', silent: true },
];
const nobody = { given: {}, ask: null, yes: false };

test('what has a default is no question where nobody answers; what has none names its flag', async () => {
  await expect(answerAll(questions, nobody)).rejects.toMatchObject({
    code: 'DDS_USAGE',
    message: '--template is missing, and there is no terminal to ask on',
    hint: 'Add it, or --yes for --template a.',
    details: { flags: ['template'] },
  });
  const given = { template: 'b' };
  expect(await answerAll(questions, { ...nobody, given })).toEqual({
    template: 'b',
    output: 'b-out',
    git: 'true',
  });
  expect(await answerAll(questions, { ...nobody, yes: true })).toEqual({
    template: 'a',
    output: 'a-out',
    git: 'true',
  });
});

test('all that is missing is named at once', async () => {
  const both = [...questions, { name: 'limit', description: 'Limit' }];
  await expect(answerAll(both, nobody)).rejects.toThrow(
    '--template and --limit are missing, and there is no terminal to ask on',
  );
});

test('a person is asked what the flags do not say, with what would be taken, and answers are checked', async () => {
  const seen: unknown[] = [];
  const ask: Ask = async ({ name }, proposal, check) => {
    seen.push([name, proposal, check('?')]);
    return name === 'template' ? 'b' : proposal!;
  };
  expect(await answerAll(questions, { ...nobody, ask })).toEqual({
    template: 'b',
    output: 'b-out',
    git: 'true',
  });
  expect(seen).toEqual([
    ['template', 'a', 'one of a, b'],
    ['output', 'b-out', 'a topic'],
  ]);
  seen.length = 0;
  await answerAll(questions, { given: { template: 'a', output: 'x' }, ask, yes: false });
  await answerAll(questions, { given: {}, ask, yes: true });
  expect(seen).toEqual([]);
});

test.each([
  [{ template: 'c' }, '--template takes one of a, b, not c'],
  [{ template: 'a', output: 'No Topic' }, '--output takes a topic, not No Topic'],
  [{ template: 'a', output: '' }, '--output takes a topic, not ""'],
])('%j is refused', async (given, message) => {
  await expect(answerAll(questions, { ...nobody, given })).rejects.toThrow(message);
});
