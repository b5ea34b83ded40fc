import { lstat, readdir } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import { isStage } from './stage.ts';

/** Those of the paths that are there already in a directory. */
export async function clashes(directory: string, paths: Iterable<string>): Promise<string[]> {
  const found = await Promise.all(
    [...paths].map(async (path) => ((await exists(join(directory, path))) ? path : null)),
  );
  return found.filter((path) => path !== null);
}

/** What nobody minds in a directory that is to be filled. */
const unnoticed = new Set(['.git', '.DS_Store']);

/**
 * Looks at the directory that a project is to go to; returns the paths that are there already. Throws DDS_FILE_EXISTS
 * when it is a file, or has something in it and neither --force nor --merge was given.
 */
export async function surveyTarget(
  directory: string,
  paths: Iterable<string>,
  { cwd, allowed }: { cwd: string; allowed: boolean },
): Promise<string[]> {
  const shown = relative(cwd, directory) || '.';
  const there = await lstat(directory).catch(() => null);
  if (there?.isDirectory() === false) {
    throw new DdsError('DDS_FILE_EXISTS', `${shown} is a file, not a directory`, {
      hint: 'Choose another directory.',
    });
  }
  const entries = (there ? await readdir(directory) : []).filter(
    (name) => !unnoticed.has(name) && !isStage(name),
  );
  const taken = entries.length === 0 ? [] : await clashes(directory, paths);
  if (entries.length === 0 || allowed) return taken;
  const clash = taken.length > 0 ? `these are there already: ${taken.join(', ')}` : `it has ${some(entries)}`;
  throw new DdsError('DDS_FILE_EXISTS', `${shown} is not empty; ${clash}`, {
    hint: 'Choose another directory, keep what is there with --merge, or overwrite it with --force.',
    details: { directory, clashes: taken },
  });
}

const some = (names: readonly string[]) =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

/** `Übung 1` → `ubung-1`; empty when nothing is left. */
export const nameFrom = (directory: string): string =>
  basename(directory)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
