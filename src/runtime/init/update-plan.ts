import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BaseFile, baseOf } from './answers-file.ts';
import { mergeText } from './merge-text.ts';
import type { ProjectFile, ProjectFiles } from './render.ts';

export interface FileChange {
  path: string;
  /**
   * `add`, `update` and `remove`: only the template changed it; `merge`: both did, at different places; `conflict`: both did
   * at the same place; `keep`: the template removed what you changed, or changed what you removed.
   */
  action: 'add' | 'update' | 'remove' | 'merge' | 'conflict' | 'keep';
}

export interface PlannedChange extends FileChange {
  /** What is to be written, if anything. */
  file: ProjectFile | null;
}

/** What has to be done to the files of a project so that they follow their template from `base` to `theirs`. */
export async function planUpdate(
  directory: string,
  base: ReadonlyMap<string, BaseFile>,
  theirs: ProjectFiles,
): Promise<PlannedChange[]> {
  const paths = [...new Set([...base.keys(), ...theirs.keys()])].sort();
  const changes = await Promise.all(
    paths.map(async (path) => {
      const mine = await readFile(join(directory, path)).catch(missing);
      return planFile(path, mine, base.get(path), theirs.get(path));
    }),
  );
  return changes.filter((change) => change !== null);
}

function planFile(
  path: string,
  mine: Buffer | null,
  base: BaseFile | undefined,
  theirs: ProjectFile | undefined,
): PlannedChange | null {
  const change = (action: FileChange['action'], file: ProjectFile | null = null) => ({ path, action, file });
  const isBase = mine !== null && base !== undefined && isSame(mine, base);
  if (theirs === undefined) return mine === null ? null : isBase ? change('remove') : change('keep');
  const theirBase = baseOf(theirs);
  if (mine === null) {
    if (base === undefined) return change('add', theirs);
    return equal(base, theirBase) ? null : change('keep');
  }
  if (isSame(mine, theirBase) || (base !== undefined && equal(base, theirBase))) return null;
  if (isBase) return change('update', theirs);
  if (typeof theirs.content !== 'string' || (base !== undefined && typeof base !== 'string'))
    return change('conflict');
  const { text, conflict } = mergeText(path, mine.toString('utf8'), base ?? null, theirs.content);
  return change(conflict ? 'conflict' : 'merge', { ...theirs, content: text });
}

const equal = (a: BaseFile, b: BaseFile) =>
  typeof a === 'string' || typeof b === 'string' ? a === b : a.sha256 === b.sha256;

/** Git may have written other line breaks. */
const isSame = (mine: Buffer, file: BaseFile) =>
  typeof file === 'string'
    ? mine.toString('utf8').replaceAll('\r\n', '\n') === file
    : equal(baseOf({ content: mine }), file);

function missing(error: NodeJS.ErrnoException): null {
  if (error.code === 'ENOENT') return null;
  throw error;
}
