import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { DdsError } from '../../errors/index.ts';
import type { Template } from './templates.ts';

/** What stands for `{{name}}`. */
export type Values = Readonly<Record<string, string>>;

export interface ProjectFile {
  /** Text, or the bytes of a binary file. */
  readonly content: string | Uint8Array;
  readonly executable: boolean;
}
/** By path inside the project, with slashes. */
export type ProjectFiles = ReadonlyMap<string, ProjectFile>;

/** The files of a template with the values filled in. Throws DDS_TEMPLATE_INVALID. */
export async function renderTemplate(template: Template, values: Values): Promise<Map<string, ProjectFile>> {
  const files = new Map<string, ProjectFile>();
  if (template.base !== undefined) await renderFolder(join(template.directory, template.base), values, files);
  await renderFolder(template.directory, values, files);
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What is in `files/` of a folder, over what is there. */
async function renderFolder(folder: string, values: Values, files: Map<string, ProjectFile>): Promise<void> {
  const root = join(folder, 'files');
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    const source = join(entry.parentPath, entry.name);
    const from = relative(root, source).split(sep).join('/');
    const path = fill(publishedName(from), values, source);
    if (path.split('/').some((part) => part === '' || part === '.' || part === '..'))
      throw invalid(source, `its name becomes "${path}"`);
    const bytes = await readFile(source);
    const { mode } = await stat(source);
    files.set(path, {
      content: isBinary(bytes) ? bytes : fill(bytes.toString('utf8'), values, source),
      executable: (mode & 0o100) !== 0,
    });
  }
}

/**
 * Puts values in the place of `{{name}}`; `{{Name}}` is the same in PascalCase. GitHub's `${{ x }}` has spaces and
 * stays. `where` is named in the error.
 */
export function fill(text: string, values: Values, where: string): string {
  return text.replace(/\{\{([A-Za-z][A-Za-z0-9.-]*)\}\}/g, (_all, name: string) => {
    const value = values[name];
    if (value !== undefined) return value;
    const lower = values[name[0]!.toLowerCase() + name.slice(1)];
    if (lower !== undefined) return pascalCase(lower);
    throw invalid(where, `nothing is known of {{${name}}}; there are ${Object.keys(values).join(', ')}`);
  });
}

/** The same in every text of a value: keys of objects too. */
export function fillDeep<T>(value: T, values: Values, where: string): T {
  const inside = (part: unknown): unknown => {
    if (typeof part === 'string') return fill(part, values, where);
    if (Array.isArray(part)) return part.map(inside);
    if (typeof part !== 'object' || part === null) return part;
    return Object.fromEntries(
      Object.entries(part).map(([key, one]) => [fill(key, values, where), inside(one)]),
    );
  };
  return inside(value) as T;
}

const invalid = (where: string, message: string) =>
  new DdsError('DDS_TEMPLATE_INVALID', `${where}: ${message}`, { details: { file: where } });

/** npm leaves .gitignore out of packages and reads any package.json: in a template their names begin with `_`. */
const publishedName = (path: string) =>
  path
    .replace(/(^|\/)_(gitignore|npmrc|npmignore|dockerignore|gitattributes)$/, '$1.$2')
    .replace(/(^|\/)_package\.json$/, '$1package.json');

const isBinary = (bytes: Uint8Array) => bytes.subarray(0, 8192).includes(0);

const pascalCase = (text: string) =>
  text
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join('');
