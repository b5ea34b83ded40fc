import { randomBytes } from 'node:crypto';
import { constants, existsSync, rmSync } from 'node:fs';
import {
  access,
  chmod,
  mkdir,
  readdir,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import { identify } from '../stack/process-table.ts';
import type { ProjectFiles } from './render.ts';

/** A project that is being made, beside its place or, where that is a directory already, inside it. */
export interface Stage extends AsyncDisposable {
  readonly directory: string;
  /** Puts everything into its place and takes those paths away, or does nothing. */
  commit(removed?: readonly string[]): Promise<void>;
}

/** Name of a stage, behind that of a target beside it: tells whose it is. */
const mark = () => `.dds-init-${process.pid}-${randomBytes(4).toString('hex')}`;
const marked = /\.dds-init-(\d+)-[0-9a-f]{8}$/;
export const isStage = (name: string): boolean => marked.test(name);

/**
 * Opens a stage on the disk of its target, so that a rename is all that is left to do. What was not committed is
 * gone with it, also when the process exits meanwhile, or with the next stage when it was killed. Throws
 * DDS_FILE_UNWRITABLE.
 */
export async function openStage(target: string): Promise<Stage> {
  const isThere = existsSync(target);
  const place = isThere ? target : dirname(target);
  const prefix = isThere ? '' : `.${basename(target)}`;
  await removeAbandoned(place, prefix);
  const home = join(place, `${prefix}${mark()}`);
  const directory = isThere ? join(home, 'new') : home;
  const parents = isThere ? [] : missingParents(target);
  const removeNow = () => {
    rmSync(home, { recursive: true, force: true });
  };
  process.on('exit', removeNow);
  let committed = false;
  const stage: Stage = {
    directory,
    async commit(removed = []) {
      if (isThere) await moveInto(directory, target, join(home, 'old'), removed);
      else await rename(directory, target).catch((cause) => unwritable(target, cause));
      committed = true;
    },
    async [Symbol.asyncDispose]() {
      await rm(home, { recursive: true, force: true });
      if (!committed) for (const parent of parents) await rmdir(parent).catch(() => undefined);
      process.off('exit', removeNow);
    },
  };
  try {
    // mkdir says ENOENT where it may not write.
    await access(dirname([home, ...parents].at(-1)!), constants.W_OK);
    await mkdir(directory, { recursive: true });
  } catch (cause) {
    await stage[Symbol.asyncDispose]();
    unwritable(target, cause);
  }
  return stage;
}

/** Stages of processes that were killed. One that had put files of the user aside keeps them. */
async function removeAbandoned(place: string, prefix: string): Promise<void> {
  for (const name of await readdir(place).catch(() => [])) {
    const [suffix, pid] = marked.exec(name) ?? [];
    if (suffix === undefined || name !== `${prefix}${suffix}` || identify(Number(pid)) !== null) continue;
    const home = join(place, name);
    if (!existsSync(join(home, 'old'))) await rm(home, { recursive: true, force: true });
  }
}

/** A new text for a file that is there: beside it until it is committed. Links and rights stay. */
export async function stageFile(
  path: string,
  text: string,
): Promise<AsyncDisposable & { commit(): Promise<void> }> {
  const file = await realpath(path);
  const aside = `${file}.${randomBytes(4).toString('hex')}`;
  const removeNow = () => rmSync(aside, { force: true });
  process.on('exit', removeNow);
  try {
    await writeFile(aside, text, { mode: (await stat(file)).mode });
  } catch (cause) {
    unwritable(path, cause);
  }
  return {
    commit: () => rename(aside, file),
    async [Symbol.asyncDispose]() {
      removeNow();
      process.off('exit', removeNow);
    },
  };
}

export async function writeFiles(directory: string, files: ProjectFiles): Promise<void> {
  for (const [path, { content, executable }] of files) {
    const file = join(directory, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      if (executable) await chmod(file, 0o755);
    } catch (cause) {
      unwritable(path, cause);
    }
  }
}

export function unwritable(path: string, cause: unknown): never {
  throw new DdsError('DDS_FILE_UNWRITABLE', `${path} cannot be written: ${(cause as Error).message}`, {
    cause,
  });
}

/** Those above a path that are not there, the innermost first. */
function missingParents(path: string): string[] {
  const parent = dirname(path);
  return existsSync(parent) ? [] : [parent, ...missingParents(parent)];
}

/** Directories that are one thing: never mixed. */
const whole = new Set(['node_modules', '.git']);

/** Moves all of a directory into another; what was there goes to `old`, and comes back when anything fails. */
async function moveInto(from: string, to: string, old: string, removed: readonly string[]): Promise<void> {
  const undo: (() => Promise<unknown>)[] = [];
  const setAside = async (target: string, aside: string): Promise<void> => {
    await mkdir(dirname(aside), { recursive: true });
    await rename(target, aside);
    undo.push(() => rename(aside, target));
  };
  const move = async (source: string, target: string, aside: string): Promise<void> => {
    const there = await stat(target).catch(() => null);
    const isDirectory = (await stat(source)).isDirectory();
    if (there?.isDirectory() && isDirectory && !whole.has(basename(source))) {
      for (const name of await readdir(source)) {
        await move(join(source, name), join(target, name), join(aside, name));
      }
      return;
    }
    if (there) await setAside(target, aside);
    await rename(source, target);
    undo.push(() => rename(target, source));
  };
  try {
    await move(from, to, old);
    for (const path of removed) await setAside(join(to, path), join(old, path));
  } catch (cause) {
    for (const step of undo.reverse()) await step();
    unwritable(to, cause);
  }
}
