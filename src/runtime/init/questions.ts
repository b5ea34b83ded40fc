import { DdsError } from '../../errors/index.ts';
import { packageManagers } from './package-managers.ts';
import { fill, type Values } from './render.ts';
import type { Kind, TemplateQuestion } from './template-schema.ts';
import type { Template } from './templates.ts';

/** One row of the table that flags, prompts and the command to repeat come from. */
export interface Question extends TemplateQuestion {
  readonly type?: 'text' | 'yes-no';
  /** Proposed to a person and taken with --yes; nobody else gets it, unlike a default. */
  readonly suggestion?: string;
  /** Has a flag, but nobody is bothered with it. */
  readonly silent?: boolean;
  /** What each choice means. */
  readonly hints?: Readonly<Record<string, string>>;
}
/** By name; yes and no as `true` and `false`. */
export type Answers = Readonly<Record<string, string>>;
/** Puts a question to a person. Rejects when the person leaves. */
export type Ask = (
  question: Question,
  proposal: string | undefined,
  check: (answer: string) => string | null,
) => Promise<string>;

const nameRule = {
  pattern: '^[a-z][a-z0-9-]{0,39}$',
  expects: 'lower-case letters, digits and dashes, at most 40, with a letter first',
};

/** What decides about the template comes first. */
export const templateQuestion = (templates: readonly Pick<Template, 'name' | 'description'>[]): Question => {
  const names = templates.map(({ name }) => name);
  return {
    name: 'template',
    description: 'What to begin with',
    choices: names,
    hints: Object.fromEntries(templates.map(({ name, description }) => [name, description])),
    // One template is no question.
    ...(names.length === 1 ? { default: names[0]!, silent: true } : { suggestion: names[0]! }),
  };
};

export const nameQuestion = (kind: Kind): Question => ({
  name: 'name',
  description: 'Name of the project: of its directory, package, job and consumer group',
  suggestion: `my-${kind}`,
  ...nameRule,
});

export const choiceQuestions: readonly Question[] = [
  {
    name: 'add-job',
    type: 'yes-no',
    description: 'Add it to dds.yaml, so that dds up runs it',
    default: 'true',
  },
  { name: 'install', type: 'yes-no', description: 'Install its dependencies', default: 'true' },
  {
    name: 'package-manager',
    description: 'What installs them',
    choices: [...packageManagers],
    default: 'npm',
    silent: true,
  },
  { name: 'git', type: 'yes-no', description: 'Make it a git repository', default: 'true' },
];

/** Null when the answer will do, else what is expected. */
export function expectedBy({ pattern, expects, choices }: Question, answer: string): string | null {
  if (choices) return choices.includes(answer) ? null : `one of ${choices.join(', ')}`;
  return !pattern || new RegExp(`^(?:${pattern})$`).test(answer)
    ? null
    : (expects ?? `what matches ${pattern}`);
}

export interface AnswerOptions {
  /** What the flags say. */
  readonly given: Answers;
  /** Null where there is nobody to ask. */
  readonly ask: Ask | null;
  /** Takes what is proposed. */
  readonly yes: boolean;
  /** What may stand in a default. */
  readonly values?: Values;
}

/** Answers in the order of the questions. Throws DDS_USAGE with the flags of those that nobody answered. */
export async function answerAll(
  questions: readonly Question[],
  options: AnswerOptions,
): Promise<Record<string, string>> {
  const { given, ask, yes, values = {} } = options;
  const answers: Record<string, string> = {};
  const missing: Question[] = [];
  for (const question of questions) {
    const { name, suggestion, silent } = question;
    let answer = given[name];
    // A default that names an answer which is missing is not missing itself.
    if (answer === undefined && missing.length > 0 && question.default?.includes('{{')) continue;
    const fallback =
      question.default && fill(question.default, { ...values, ...answers }, `the default of --${name}`);
    const proposal = fallback ?? suggestion;
    if (answer === undefined && ask && !yes && !silent)
      answer = await ask(question, proposal, (text) => expectedBy(question, text));
    answer ??= yes ? proposal : fallback;
    if (answer === undefined) missing.push(question);
    else answers[name] = checked(question, answer);
  }
  if (missing.length > 0) throw unanswered(missing);
  return answers;
}

function checked(question: Question, answer: string): string {
  const expected = expectedBy(question, answer);
  if (expected === null) return answer;
  throw new DdsError('DDS_USAGE', `--${question.name} takes ${expected}, not ${answer || '""'}`, {
    hint: `It is for: ${question.description}.`,
    details: { flag: question.name, value: answer },
  });
}

function unanswered(missing: readonly Question[]): DdsError {
  const flags = missing.map(({ name }) => `--${name}`);
  const verb = flags.length === 1 ? 'is' : 'are';
  const proposals = missing.filter(({ suggestion }) => suggestion !== undefined);
  const takes = proposals.map(({ name, suggestion }) => `--${name} ${suggestion}`).join(' ');
  return new DdsError(
    'DDS_USAGE',
    `${flags.join(' and ')} ${verb} missing, and there is no terminal to ask on`,
    {
      hint: `Add ${flags.length === 1 ? 'it' : 'them'}${proposals.length === missing.length ? `, or --yes for ${takes}` : ''}.`,
      details: { flags: missing.map(({ name }) => name) },
    },
  );
}
