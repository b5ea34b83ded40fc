import { existsSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { shellQuoted } from '../../shared/shell-quoted.ts';
import { topologyFileName } from '../topology/index.ts';
import { addJob, type JobChange } from './add-job.ts';
import { answersFile, answersFileName } from './answers-file.ts';
import { type ChoiceOptions, type Choices, resolveChoices } from './choices.ts';
import { topologyFiles } from './init-topology.ts';
import { bringAlong, keepMine } from './keep-mine.ts';
import { packLibrary } from './library.ts';
import { installCommand, type PackageManager } from './package-managers.ts';
import { projectFiles, projectValues } from './project.ts';
import { type Answers, choiceQuestions } from './questions.ts';
import { fill, fillDeep, type ProjectFile, type Values } from './render.ts';
import { openStage, stageFile, writeFiles } from './stage.ts';
import { surveyTarget } from './target.ts';
import { findTemplate } from './templates.ts';
import { initGit, installDependencies, interrupted } from './tools.ts';

export interface CreateProjectOptions extends ChoiceOptions {
  /** What becomes of files that are there already. Default: they are a reason to refuse. */
  onClash?: 'refuse' | 'overwrite' | 'keep' | undefined;
  dryRun?: boolean | undefined;
}

export interface CreateProjectResult {
  kind: string;
  template: string;
  name: string;
  /** Absolute path. */
  directory: string;
  answers: Answers;
  /** Every file of the project, by path inside it. */
  files: string[];
  /** Those that were there: replaced with --force, kept or completed with --merge. */
  clashes: string[];
  job: JobChange | null;
  git: boolean;
  installed: boolean;
  dryRun: boolean;
  /** Does the same again without asking. */
  command: string;
  /** What to type next, from where the user stands. */
  next: string[];
}

/**
 * Makes a project of a template: aside first, then moved into its place in one step. Throws DDS_USAGE, DDS_FILE_EXISTS,
 * DDS_FILE_UNWRITABLE, DDS_TEMPLATE_INVALID, DDS_TOPOLOGY_INVALID, DDS_TOOL; nothing is left behind then.
 */
export async function createProject(
  options: CreateProjectOptions,
  context: RuntimeContext,
): Promise<CreateProjectResult> {
  const { onClash = 'refuse', dryRun = false } = options;
  const choices = await resolveChoices(options, context);
  const { template, directory, answers } = choices;
  const library = await packLibrary();
  const values = projectValues(answers, library);
  const files = await projectFiles(template, answers, library);
  checkPackageName(answers.name!, files);
  files.set(answersFileName, answersFile(template, answers, files, directory));
  const change = answers['add-job'] === 'true' ? await jobChange(choices, values, context.cwd) : null;
  const isOwnTopology = change !== null && choices.topologyFile === null;
  if (isOwnTopology) files.set(topologyFileName, { content: change.text, executable: false });
  const allowed = onClash !== 'refuse';
  const clashes = await surveyTarget(directory, files.keys(), { cwd: context.cwd, allowed });
  if (onClash === 'keep') await keepMine(directory, files, clashes);
  // A repository that is there has a history; a second git init would not change it either.
  const git = answers.git === 'true' && !existsSync(join(directory, '.git'));
  const installed = answers.install === 'true' && !dryRun;
  if (!dryRun) {
    await using stage = await openStage(directory);
    await writeFiles(stage.directory, files);
    if (onClash === 'keep') await bringAlong(directory, stage.directory, values['pm.lockfile']!);
    if (git) await initGit(stage.directory, context);
    if (installed)
      await installDependencies(stage.directory, answers['package-manager'] as PackageManager, context);
    await using topology = change && !isOwnTopology ? await stageFile(change.file, change.text) : null;
    if (context.signal.aborted) throw interrupted();
    await stage.commit();
    await topology?.commit();
  }
  const { text: _, ...job } = change ?? { text: '' };
  return {
    ...{ kind: template.kind, template: template.name, name: answers.name!, directory, answers },
    ...{
      files: [...files.keys()].sort(),
      clashes,
      job: change && (job as JobChange),
      git,
      installed,
      dryRun,
    },
    command: commandToRepeat(options, choices),
    next: nextCommands(choices, change, values, context.cwd),
  };
}

/** The change to dds.yaml; a project far from any gets the example, with its job in it. */
async function jobChange(
  { template, answers, directory, topologyFile }: Choices,
  values: Values,
  cwd: string,
) {
  const { job } = template;
  if (!job) return null;
  const where = join(template.directory, 'template.yaml');
  const wanted = { name: answers.name!, directory, cwd, job: fillDeep(job, values, where) };
  if (topologyFile) return addJob({ ...wanted, file: topologyFile });
  const file = join(directory, topologyFileName);
  const example = findTemplate('topology', 'default', cwd);
  const [rendered] = (await topologyFiles(example, { sites: '2' }, file)).values();
  return addJob({ ...wanted, file, text: String(rendered?.content) });
}

/** npm refuses to install a package into one of the same name. */
function checkPackageName(name: string, files: ReadonlyMap<string, ProjectFile>): void {
  const manifest = files.get('package.json');
  if (!manifest) return;
  const { dependencies = {}, devDependencies = {} } = JSON.parse(String(manifest.content)) as Record<
    string,
    Record<string, string>
  >;
  if (!(name in dependencies || name in devDependencies)) return;
  throw new DdsError('DDS_USAGE', `--name ${name} is the name of a package that the project depends on`, {
    hint: `Choose another one, such as --name my-${name}.`,
    details: { flag: 'name', value: name },
  });
}

function commandToRepeat(
  { kind, directory, given, onClash }: CreateProjectOptions,
  choices: Choices,
): string {
  const { answers } = choices;
  const yesNo = new Set(choiceQuestions.filter(({ type }) => type === 'yes-no').map(({ name }) => name));
  const flags = Object.entries({ ...answers, template: given.template ?? answers.template! })
    .filter(
      ([name]) =>
        name !== 'name' || (directory !== undefined && answers.name !== basename(choices.directory)),
    )
    .flatMap(([name, answer]) =>
      yesNo.has(name) ? [`--${answer === 'true' ? '' : 'no-'}${name}`] : [`--${name}`, shellQuoted(answer)],
    );
  const clash = { refuse: [], overwrite: ['--force'], keep: ['--merge'] }[onClash ?? 'refuse'];
  return ['dds init', kind, shellQuoted(directory ?? answers.name!), ...flags, ...clash].join(' ');
}

function nextCommands(
  { template, answers, directory }: Choices,
  change: JobChange | null,
  values: Values,
  cwd: string,
) {
  const start = change ? dirname(change.file) : directory;
  const goTo = (from: string, to: string) => (from === to ? [] : [`cd ${shellQuoted(relative(from, to))}`]);
  const install =
    answers.install === 'true' ? [] : [installCommand(answers['package-manager'] as PackageManager)];
  const there = goTo(start, directory);
  const inside = install.map((line) => (there.length > 0 ? `(${there[0]} && ${line})` : line));
  const last = change
    ? template.next.map((line) => fill(line, values, join(template.directory, 'template.yaml')))
    : [values['pm.test']!];
  return [...goTo(cwd, start), ...inside, ...last];
}
