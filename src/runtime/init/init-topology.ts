import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { DdsError } from '../../errors/index.ts';
import { exampleEdges, topologyFileName } from '../topology/index.ts';
import { type Answers, type Ask, answerAll } from './questions.ts';
import { type ProjectFile, renderTemplate } from './render.ts';
import { openStage, writeFiles } from './stage.ts';
import { clashes } from './target.ts';
import { findTemplate, type Template } from './templates.ts';

const jsonSchema = fileURLToPath(new URL('../../../docs/dds.schema.json', import.meta.url));

export interface InitTopologyOptions {
  cwd: string;
  /** Default dds.yaml. */
  file?: string | undefined;
  /** What the flags say: `sites`, and whatever else the template asks. */
  given?: Answers | undefined;
  /** A directory of one's own; default the thesis's example. */
  template?: string | undefined;
  ask?: Ask | null | undefined;
  yes?: boolean | undefined;
  /** Overwrites files that are there. */
  force?: boolean | undefined;
  dryRun?: boolean | undefined;
}

export interface InitTopologyResult {
  /** Absolute path of what was written. */
  file: string;
  sites: string[];
  /** Only with `dryRun`. */
  dryRun?: true;
}

/** Writes the thesis's example as a commented dds.yaml. Throws DDS_FILE_EXISTS, DDS_USAGE, DDS_FILE_UNWRITABLE. */
export async function initTopology(options: InitTopologyOptions): Promise<InitTopologyResult> {
  const { cwd, given = {}, ask = null, yes = false, force = false } = options;
  const path = resolve(cwd, options.file ?? topologyFileName);
  const template = findTemplate('topology', options.template ?? 'default', cwd);
  const answers = await answerAll(template.questions, { given, ask, yes });
  const files = await topologyFiles(template, answers, path);
  const directory = dirname(path);
  const taken = await clashes(directory, files.keys());
  if (taken.length > 0 && !force) {
    throw new DdsError(
      'DDS_FILE_EXISTS',
      `${taken.map((name) => relative(cwd, join(directory, name))).join(', ')} is there already`,
      {
        details: { clashes: taken },
      },
    );
  }
  if (!options.dryRun) {
    await using stage = await openStage(directory);
    await writeFiles(stage.directory, files);
    await stage.commit();
  }
  const written = parse(String(files.get(basename(path))?.content)) as { sites: Record<string, unknown> };
  return { file: path, sites: Object.keys(written.sites), ...(options.dryRun && { dryRun: true }) };
}

/** The files of a topology for a dds.yaml at an absolute path, by path from its directory. */
export async function topologyFiles(
  template: Template,
  answers: Answers,
  path: string,
): Promise<Map<string, ProjectFile>> {
  const edges = exampleEdges(Number(answers.sites)).map((name) => `  ${name}:`);
  const values = { ...answers, edges: edges.join('\n'), schema: schemaSeenFrom(dirname(path)) };
  const files = [...(await renderTemplate(template, values))];
  return new Map(files.map(([name, file]) => [name === topologyFileName ? basename(path) : name, file]));
}

/** Relative when dds is installed below the file, so that the line holds on other machines too. */
function schemaSeenFrom(directory: string): string {
  const path = relative(directory, jsonSchema);
  return path.startsWith('..') || isAbsolute(path) ? jsonSchema : `./${path.replaceAll('\\', '/')}`;
}
