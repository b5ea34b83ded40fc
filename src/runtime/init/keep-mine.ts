import { existsSync } from 'node:fs';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { ProjectFile } from './render.ts';

/**
 * Leaves files that are there as they are (--merge); what a project cannot do without is added to its package.json and
 * .gitignore, where nothing that stands there changes.
 */
export async function keepMine(
  directory: string,
  files: Map<string, ProjectFile>,
  clashes: readonly string[],
): Promise<void> {
  for (const path of clashes) {
    const theirs = files.get(path)!;
    const complete = completions[path];
    if (!complete || typeof theirs.content !== 'string') {
      files.delete(path);
      continue;
    }
    const file = join(directory, path);
    const content = complete(await readFile(file, 'utf8'), theirs.content, file);
    files.set(path, { ...theirs, content });
  }
}

/** Takes along what an installation goes by beside package.json: the settings, and the lockfile, which else were a new one. */
export async function bringAlong(directory: string, stage: string, lockfile: string): Promise<void> {
  for (const name of ['.npmrc', lockfile]) {
    const mine = join(directory, name);
    if (existsSync(mine)) await copyFile(mine, join(stage, name));
  }
}

const completions: Readonly<Record<string, (mine: string, theirs: string, file: string) => string>> = {
  'package.json': completeManifest,
  '.gitignore': completeLines,
};

function completeLines(mine: string, theirs: string): string {
  const known = new Set(mine.split(/\r?\n/));
  const missing = theirs.split('\n').filter((line) => line !== '' && !known.has(line));
  return missing.length === 0 ? mine : `${mine.replace(/\n?$/, '\n')}${missing.join('\n')}\n`;
}

function completeManifest(mine: string, theirs: string, file: string): string {
  let own: Json;
  try {
    own = JSON.parse(mine) as Json;
  } catch (cause) {
    throw new DdsError('DDS_INPUT_INVALID', `${file} cannot be completed: ${(cause as Error).message}`, {
      hint: 'Correct it first.',
      cause,
    });
  }
  return `${JSON.stringify(completeObject(own, JSON.parse(theirs) as Json), null, 2)}\n`;
}

type Json = Record<string, unknown>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function completeObject(mine: Json, theirs: Json): Json {
  const added = Object.entries(theirs).map(([key, value]) => {
    const own = mine[key];
    return [key, isObject(own) && isObject(value) ? completeObject(own, value) : (own ?? value)];
  });
  return { ...mine, ...Object.fromEntries(added) };
}
