import { readFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { shellQuoted } from '../../shared/shell-quoted.ts';
import { answersFile, answersFileName, readAnswersFile, type SavedAnswers } from './answers-file.ts';
import { packLibrary } from './library.ts';
import { hasMarks } from './merge-text.ts';
import { installCommand, type PackageManager } from './package-managers.ts';
import { projectFiles } from './project.ts';
import { type Answers, type Ask, answerAll, choiceQuestions } from './questions.ts';
import { openStage, writeFiles } from './stage.ts';
import { findTemplate, type Template } from './templates.ts';
import { interrupted } from './tools.ts';
import { type FileChange, type PlannedChange, planUpdate } from './update-plan.ts';

export interface UpdateProjectOptions {
  project: SavedProject;
  /** Answers that are to be others than before. */
  given: Answers;
  ask: Ask | null;
  yes: boolean;
  dryRun?: boolean | undefined;
}

export interface SavedProject {
  /** Absolute path. */
  directory: string;
  saved: SavedAnswers;
  template: Template;
}

export interface UpdateProjectResult {
  directory: string;
  template: string;
  answers: Answers;
  /** By path; files that stay as they are do not appear. */
  changes: FileChange[];
  /** Files with marks in them, and binary files that both sides changed. */
  conflicts: string[];
  dryRun: boolean;
  /** What to type next. */
  next: string[];
}

/** The project in a directory, with its template as it is now. Throws DDS_USAGE, DDS_INPUT_INVALID, DDS_TEMPLATE_INVALID. */
export async function findProject(
  directory: string | undefined,
  template: string | undefined,
  cwd: string,
): Promise<SavedProject> {
  const absolute = resolve(cwd, directory ?? '.');
  const saved = await readAnswersFile(absolute, directory ?? '.');
  const found = template
    ? findTemplate(saved.kind, template, cwd)
    : findTemplate(saved.kind, saved.template, absolute);
  return { directory: absolute, saved, template: found };
}

/**
 * Brings a project to its template as it is now, by a three-way merge: what was changed in both stays, with marks. Throws
 * DDS_USAGE when marks of the last time are still there, DDS_FILE_UNWRITABLE.
 */
export async function updateProject(
  { project, given, ask, yes, dryRun = false }: UpdateProjectOptions,
  context: RuntimeContext,
): Promise<UpdateProjectResult> {
  const { directory, saved, template } = project;
  const { name = '', ...before } = saved.answers;
  const asked = await answerAll([...template.questions, ...choiceQuestions.filter(isKept)], {
    given: { ...before, ...given },
    ...{ ask, yes, values: { name } },
  });
  const answers: Answers = { name, ...asked };
  const files = await projectFiles(template, answers, await packLibrary());
  const changes = await planUpdate(directory, saved.base, files);
  await refuseMarks(directory, changes);
  if (!dryRun) {
    await using stage = await openStage(directory);
    const written = changes.flatMap(({ path, file }) => (file ? [[path, file] as const] : []));
    const record = answersFile(template, answers, files, directory);
    await writeFiles(stage.directory, new Map([...written, [answersFileName, record]]));
    if (context.signal.aborted) throw interrupted();
    await stage.commit(changes.filter(({ action }) => action === 'remove').map(({ path }) => path));
  }
  const isNew = changes.some(({ path, action }) => path === 'package.json' && action !== 'keep');
  const install = installCommand(answers['package-manager'] as PackageManager);
  const where = relative(context.cwd, directory);
  return {
    ...{ directory, template: template.name, answers, dryRun },
    changes: changes.map(({ path, action }) => ({ path, action })),
    conflicts: changes.filter(({ action }) => action === 'conflict').map(({ path }) => path),
    next: isNew ? [where ? `(cd ${shellQuoted(where)} && ${install})` : install] : [],
  };
}

/** The package manager is the one choice that the files depend on. */
const isKept = ({ name }: { name: string }) => name === 'package-manager';

async function refuseMarks(directory: string, changes: readonly PlannedChange[]): Promise<void> {
  const touched = changes.filter(({ action }) => action === 'merge' || action === 'conflict');
  const marked: string[] = [];
  for (const { path, file } of touched) {
    if (file && hasMarks(await readFile(join(directory, path), 'utf8'))) marked.push(path);
  }
  if (marked.length === 0) return;
  throw new DdsError('DDS_USAGE', `marks of the last update are still in ${marked.join(', ')}`, {
    hint: 'Resolve them, then run it again.',
    details: { files: marked },
  });
}
