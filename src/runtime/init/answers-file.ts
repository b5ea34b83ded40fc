import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { DdsError } from '../../errors/index.ts';
import { type Answers, choiceQuestions } from './questions.ts';
import type { ProjectFile, ProjectFiles } from './render.ts';
import { kinds } from './template-schema.ts';
import type { Template } from './templates.ts';

export const answersFileName = '.dds-answers.json';

/** A file as the template gave it: its text; of a binary file only what it is recognised by. */
export type BaseFile = string | { sha256: string };

const baseFiles = z.record(z.string(), z.union([z.string(), z.strictObject({ sha256: z.string() })]));
const content = z.looseObject({
  kind: z.enum(kinds),
  template: z.string(),
  answers: z.record(z.string(), z.string()),
  base: z.string(),
});

export interface SavedAnswers {
  kind: (typeof kinds)[number];
  /** A name, or a directory seen from the project. */
  template: string;
  answers: Answers;
  base: ReadonlyMap<string, BaseFile>;
}

/** What `dds init update` needs later: the answers, and the template's files as they were. */
export function answersFile(
  template: Template,
  answers: Answers,
  files: ProjectFiles,
  directory: string,
): ProjectFile {
  const acts = new Set(choiceQuestions.filter(({ type }) => type === 'yes-no').map(({ name }) => name));
  const kept = Object.entries(answers).filter(([name]) => name !== 'template' && !acts.has(name));
  const base = Object.fromEntries([...files].map(([path, file]) => [path, baseOf(file)]));
  const saved = {
    about: 'Written by dds init; dds init update reads it. Keep it with the project.',
    kind: template.kind,
    template: template.own ? relative(directory, template.directory).split(sep).join('/') : template.name,
    answers: Object.fromEntries(kept),
    base: gzipSync(JSON.stringify(base)).toString('base64'),
  };
  return { content: `${JSON.stringify(saved, null, 2)}\n`, executable: false };
}

/** Throws DDS_USAGE when the directory is no project of ours, DDS_INPUT_INVALID when the file cannot be used. */
export async function readAnswersFile(directory: string, shown: string): Promise<SavedAnswers> {
  let text: string;
  try {
    text = await readFile(join(directory, answersFileName), 'utf8');
  } catch (cause) {
    throw new DdsError('DDS_USAGE', `${shown} has no ${answersFileName}: dds init did not make it`, {
      hint: 'Go to the directory of a project, or name it as in dds init update DIR.',
      cause,
    });
  }
  try {
    const { kind, template, answers, base } = content.parse(JSON.parse(text));
    const files = baseFiles.parse(JSON.parse(gunzipSync(Buffer.from(base, 'base64')).toString('utf8')));
    return { kind, template, answers, base: new Map(Object.entries(files)) };
  } catch (cause) {
    throw new DdsError(
      'DDS_INPUT_INVALID',
      `${join(shown, answersFileName)} cannot be used: it was changed`,
      {
        hint: 'Take it back from your version control.',
        cause,
      },
    );
  }
}

export function baseOf({ content }: Pick<ProjectFile, 'content'>): BaseFile {
  return typeof content === 'string'
    ? content
    : { sha256: createHash('sha256').update(content).digest('hex') };
}
