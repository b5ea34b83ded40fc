import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    const text =
      complete && typeof theirs.content === 'string' ? await readFile(join(directory, path), 'utf8') : null;
    if (text === null || !complete) files.delete(path);
    else files.set(path, { ...theirs, content: complete(text, String(theirs.content)) });
  }
}

const completions: Readonly<Record<string, (mine: string, theirs: string) => string>> = {
  'package.json': completeManifest,
  '.gitignore': completeLines,
};

function completeLines(mine: string, theirs: string): string {
  const known = new Set(mine.split(/\r?\n/));
  const missing = theirs.split('\n').filter((line) => line !== '' && !known.has(line));
  return missing.length === 0 ? mine : `${mine.replace(/\n?$/, '\n')}${missing.join('\n')}\n`;
}

function completeManifest(mine: string, theirs: string): string {
  return `${JSON.stringify(completeObject(JSON.parse(mine), JSON.parse(theirs)), null, 2)}\n`;
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
