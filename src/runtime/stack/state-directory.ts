import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DdsError } from '../../errors/index.ts';

/** Where everything of one stack is kept. Paths only; nothing is made by asking. */
export interface StateDirectory {
  readonly stack: string;
  /** `.dds/<stack>`, absolute. */
  readonly path: string;
  readonly logs: string;
  /** Who owns the stack now: the running supervisor, or a process that cleans up. */
  readonly ownerFile: string;
  /** The topology and ports it was started with last. */
  readonly stateFile: string;
  /** Processes the supervisor has started, for whoever has to clean up after it. */
  readonly processesFile: string;
  /** Data of one site: `kafka/` and `store.duckdb`. */
  site(name: string): string;
  logFile(service: string): string;
}

const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

export function stateDirectory(cwd: string, stack: string): StateDirectory {
  if (!namePattern.test(stack)) {
    throw new DdsError('DDS_USAGE', `"${stack}" cannot be the name of a stack`, {
      hint: 'Use up to 40 letters, digits, dots, dashes and underscores, beginning with a letter or digit.',
    });
  }
  const path = join(cwd, '.dds', stack);
  const logs = join(path, 'logs');
  return {
    stack,
    path,
    logs,
    ownerFile: join(path, 'supervisor.json'),
    stateFile: join(path, 'state.json'),
    processesFile: join(path, 'processes.json'),
    site: (name) => join(path, 'sites', name),
    logFile: (service) => join(logs, `${service.replaceAll('/', '.')}.log`),
  };
}

/** Names of the stacks that have a state directory below `cwd`, sorted. */
export async function stackNames(cwd: string): Promise<string[]> {
  const entries = await readdir(join(cwd, '.dds'), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && namePattern.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

/** Makes the directory. Throws DDS_STATE when that is not possible. */
export async function prepareStateDirectory(directory: StateDirectory): Promise<void> {
  try {
    await mkdir(directory.logs, { recursive: true });
    await access(directory.path, constants.W_OK);
  } catch (cause) {
    throw stateError(`cannot write to ${directory.path}`, cause);
  }
}

/** Removes the stack's directory with all its data, and `.dds` when that was the last one. */
export async function purgeStateDirectory(directory: StateDirectory): Promise<boolean> {
  if (!existsSync(directory.path)) return false;
  try {
    await rm(directory.path, { recursive: true, force: true, maxRetries: 3 });
  } catch (cause) {
    throw stateError(`cannot remove ${directory.path}`, cause);
  }
  const parent = join(directory.path, '..');
  const left = await readdir(parent).catch(() => ['?']);
  if (left.length === 0) await rm(parent, { recursive: true, force: true });
  return true;
}

/** Null when the file is not there; DDS_STATE when it is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw stateError(`cannot read ${path}`, cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw stateError(`${path} is not valid JSON`, cause);
  }
}

/** Replaces the file in one step, so that a reader never sees half of it. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`);
    await rename(temporary, path);
  } catch (cause) {
    throw stateError(`cannot write ${path}`, cause);
  }
}

export function stateError(message: string, cause?: unknown): DdsError {
  const reason = cause instanceof Error ? `: ${cause.message}` : '';
  return new DdsError('DDS_STATE', `${message}${reason}`, { cause });
}
