import type { Library } from './library.ts';
import { type PackageManager, packageManagerValues } from './package-managers.ts';
import type { Answers } from './questions.ts';
import { type ProjectFile, renderTemplate, type Values } from './render.ts';
import type { Template } from './templates.ts';

/** Everything that a template may name in `{{…}}`. */
export function projectValues(answers: Answers, library: Library): Values {
  return {
    ...answers,
    ...packageManagerValues(answers['package-manager'] as PackageManager),
    version: library.version,
    library: `file:${library.path}`,
  };
}

/** The files of a project: its template with the answers filled in, and the library that it carries. */
export async function projectFiles(
  template: Template,
  answers: Answers,
  library: Library,
): Promise<Map<string, ProjectFile>> {
  const files = await renderTemplate(template, projectValues(answers, library));
  return files.set(library.path, { content: library.archive, executable: false });
}
