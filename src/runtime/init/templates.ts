import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { DdsError } from '../../errors/index.ts';
import { nearNames } from '../../shared/near-names.ts';
import { type Kind, type TemplateFile, templateFile } from './template-schema.ts';

/** Three levels up both from `src/` and from `dist/`. */
const builtIn = fileURLToPath(new URL('../../../templates/', import.meta.url));

export interface Template extends TemplateFile {
  /** Absolute path of its folder; what is copied is in `files/`. */
  readonly directory: string;
  /** Not one that dds brings. */
  readonly own: boolean;
}

/** The templates that dds brings for a kind, by name. */
export function listTemplates(kind: Kind): Template[] {
  const folder = join(builtIn, kind);
  return existsSync(folder) ? readdirSync(folder).map((name) => readTemplate(join(folder, name))) : [];
}

/**
 * A template by its name, or one's own by its directory: whatever has a slash or a template.yaml is a directory.
 * Throws DDS_USAGE, DDS_TEMPLATE_INVALID.
 */
export function findTemplate(kind: Kind, reference: string, cwd: string): Template {
  const directory = resolve(cwd, reference);
  if (/[\\/]/.test(reference) || existsSync(join(directory, 'template.yaml'))) {
    const template = readTemplate(directory, reference);
    if (template.kind === kind) return template;
    throw new DdsError(
      'DDS_USAGE',
      `--template ${reference} is a template of a ${template.kind}, not of a ${kind}`,
      {
        hint: `Use it with dds init ${template.kind}.`,
      },
    );
  }
  const templates = listTemplates(kind);
  const found = templates.find(({ name }) => name === reference);
  if (found) return found;
  const names = templates.map(({ name }) => name);
  const [guess] = nearNames(reference, names, 1);
  throw new DdsError('DDS_USAGE', `there is no template "${reference}" of a ${kind}`, {
    hint: `${guess ? `Did you mean ${guess}? ` : ''}There are ${names.join(', ')}; a directory of your own is named with a slash, as in ./${reference}.`,
  });
}

function readTemplate(directory: string, shown = directory): Template {
  const path = join(directory, 'template.yaml');
  const invalid = (message: string, cause?: unknown) =>
    new DdsError('DDS_TEMPLATE_INVALID', message, { cause, details: { file: path } });
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid(`${shown} is not a template: ${(cause as Error).message}`, cause);
  }
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken) throw invalid(`${path}: ${broken.message.split('\n')[0]}`);
  const parsed = templateFile.safeParse(document.toJS());
  if (!parsed.success) {
    const [{ path: at, message }] = parsed.error.issues as [(typeof parsed.error.issues)[number]];
    throw invalid(`${path}: ${[...at, message].join(': ')}`);
  }
  if (!existsSync(join(directory, 'files'))) throw invalid(`${shown} has no folder files/`);
  const { base } = parsed.data;
  if (base !== undefined && !existsSync(join(directory, base, 'files')))
    throw invalid(`${path}: base: ${base} has no folder files/`);
  return { ...parsed.data, directory, own: !directory.startsWith(builtIn) };
}
