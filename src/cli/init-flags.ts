import { Flags } from '@oclif/core';
import {
  type Answers,
  choiceQuestions,
  type Kind,
  nameQuestion,
  type Question,
  type Template,
  templateQuestion,
} from '../runtime/init/index.ts';

/** Flags of `dds init` that are no question. */
export const initOwnFlags = {
  yes: Flags.boolean({ char: 'y', description: 'Ask nothing, and take what would be proposed.' }),
  force: Flags.boolean({ description: 'Overwrite files that are there.' }),
  'dry-run': Flags.boolean({ description: 'Say what would be written, and write nothing.' }),
  'list-templates': Flags.boolean({ description: 'List the templates and what they ask.' }),
};

export const projectOwnFlags = {
  ...initOwnFlags,
  merge: Flags.boolean({
    description:
      'Keep files that are there; add the others, and what is missing in package.json and .gitignore.',
    exclusive: ['force'],
  }),
};

type QuestionFlag = ReturnType<typeof questionFlag>;

/** A flag for every question that a project of a kind may meet. */
export function projectFlags(kind: Kind, templates: readonly Template[]): Record<string, QuestionFlag> {
  return {
    template: templateFlag(templates),
    ...flagsOf([nameQuestion(kind)]),
    ...templateFlags(templates),
    ...flagsOf(choiceQuestions),
  };
}

/** Takes a directory too, which is no choice of the question. */
export const templateFlag = (templates: readonly Template[]) =>
  Flags.string({
    description: `${templateQuestion(templates).description}: ${templates.map(({ name }) => name).join(', ')}, or a directory of your own.`,
    ...{ helpValue: 'NAME|DIR', helpGroup: 'ANSWERS' },
  });

/** A flag for every question of the templates; those that several ask are one. */
export function templateFlags(templates: readonly Template[]): Record<string, QuestionFlag> {
  const flags: Record<string, QuestionFlag> = {};
  for (const { questions } of templates) Object.assign(flags, { ...flagsOf(questions), ...flags });
  return flags;
}

/** What the flags say, as answers. */
export function givenAnswers(flags: Readonly<Record<string, unknown>>, names: readonly string[]): Answers {
  const given = names.filter((name) => flags[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, String(flags[name])]));
}

/** The value of a flag, before it is known which other flags there are. */
export function flagValue(argv: readonly string[], flag: string): string | undefined {
  const at = argv.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  return at < 0 ? undefined : (argv[at]!.split(/=(.*)/s)[1] ?? argv[at + 1]);
}

const helpGroup = 'ANSWERS';

const flagsOf = (questions: readonly Question[]) =>
  Object.fromEntries(questions.map((question) => [question.name, questionFlag(question)]));

function questionFlag(question: Question) {
  const { type, choices, suggestion } = question;
  const proposal = question.default ?? suggestion;
  const description = `${question.description}.${proposal === undefined || type ? '' : ` [default: ${proposal}]`}`;
  if (type === 'yes-no') return Flags.boolean({ description, allowNo: true, helpGroup });
  if (choices) return Flags.option({ description, options: choices, helpGroup })();
  return Flags.string({ description, helpGroup });
}
