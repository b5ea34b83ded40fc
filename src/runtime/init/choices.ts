import { existsSync } from 'node:fs';
import { basename, delimiter, dirname, join, relative, resolve } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { findTopologyFile } from './add-job.ts';
import { callingPackageManager } from './package-managers.ts';
import {
  type Answers,
  type Ask,
  answerAll,
  choiceQuestions,
  expectedBy,
  nameQuestion,
  type Question,
  templateQuestion,
} from './questions.ts';
import { nameFrom } from './target.ts';
import type { Kind } from './template-schema.ts';
import { findTemplate, listTemplates, type Template } from './templates.ts';

export interface ChoiceOptions {
  kind: Exclude<Kind, 'topology'>;
  /** Where the project goes, as the user wrote it. Default: a directory of its name. */
  directory?: string | undefined;
  /** What the flags say, by name. */
  given: Answers;
  /** Null where there is nobody to ask. */
  ask: Ask | null;
  /** Takes what would be proposed instead of asking. */
  yes: boolean;
}

export interface Choices {
  template: Template;
  /** Absolute path. */
  directory: string;
  /** The dds.yaml that the job would go to; null: there is none yet. */
  topologyFile: string | null;
  answers: Answers;
}

/** Resolves what flags and answers say into one choice. Throws DDS_USAGE, DDS_TEMPLATE_INVALID. */
export async function resolveChoices(options: ChoiceOptions, context: RuntimeContext): Promise<Choices> {
  const { kind, directory, given } = options;
  const { cwd } = context;
  const first = [
    ...(given.template === undefined ? [templateQuestion(listTemplates(kind))] : []),
    nameIn(kind, directory === undefined ? null : resolve(cwd, directory), options),
  ];
  const begun: Record<string, string> = {
    ...(given.template !== undefined && { template: given.template }),
    ...(await answerAll(first, options)),
  };
  const template = findTemplate(kind, begun.template!, cwd);
  const target = resolve(cwd, directory ?? begun.name!);
  const topologyFile = findTopologyFile(cwd);
  const rest = [...template.questions, ...choicesHere(target, topologyFile, template, context)];
  const answers = await answerAll(rest, { ...options, values: begun });
  return { template, topologyFile, directory: target, answers: { ...begun, ...answers } };
}

/** The name of a directory that was named is the name of the project, when it can be. */
function nameIn(kind: Kind, directory: string | null, { given, ask, yes }: ChoiceOptions): Question {
  const question = nameQuestion(kind);
  if (directory === null) return question;
  const name = basename(directory);
  if (expectedBy(question, name) === null) return { ...question, default: name };
  const suggestion = nameFrom(directory) || question.suggestion!;
  if (given.name === undefined && (ask === null || yes)) {
    throw new DdsError(
      'DDS_USAGE',
      `"${name}" cannot be the name of a project; expected ${question.expects}`,
      {
        hint: `Add --name ${suggestion} to keep the directory, or choose another one.`,
        details: { name, suggestion },
      },
    );
  }
  return { ...question, suggestion };
}

/** The questions about what is done here, with defaults by what is here. */
function choicesHere(
  target: string,
  topologyFile: string | null,
  { job }: Template,
  { cwd, env }: RuntimeContext,
): Question[] {
  const yaml = topologyFile === null ? 'a dds.yaml of its own' : relative(cwd, topologyFile);
  const here: Readonly<Record<string, Partial<Question>>> = {
    'add-job': { description: `Add the job to ${yaml}, so that dds up runs it` },
    git: { default: String(hasProgram('git', env) && !isInsideGit(target)) },
    'package-manager': { default: callingPackageManager(env) },
  };
  return choiceQuestions
    .map((question) => ({ ...question, ...here[question.name] }))
    .filter(({ name }) => name !== 'add-job' || job !== undefined);
}

const hasProgram = (name: string, { PATH = '' }: RuntimeContext['env']) =>
  PATH.split(delimiter).some((directory) => existsSync(join(directory, name)));

function isInsideGit(directory: string): boolean {
  if (existsSync(join(directory, '.git'))) return true;
  const parent = dirname(directory);
  return parent !== directory && isInsideGit(parent);
}
