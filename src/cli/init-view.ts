import { relative } from 'node:path';
import type { CreateProjectResult, UpdateProjectResult } from '../runtime/init/index.ts';
import type { TemplateList } from './init-command.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

export function templatesText({ templates }: TemplateList, paint: Paint): string {
  const rows = templates.map(({ name, description, questions }) => [
    name,
    description,
    questions.map((question) => `--${question.name}`).join(' '),
  ]);
  return formatTable(['TEMPLATE', 'WHAT IT IS', 'ASKS'], rows, { paint });
}

/** What was made, how to do it again, and what to type next. */
export function projectText(result: CreateProjectResult, cwd: string): string {
  const { kind, template, directory, files, clashes, job, dryRun } = result;
  const where = relative(cwd, directory) || '.';
  const count = `${files.length} files, template ${kind}/${template}`;
  const topics = job && job.topics.length > 0 ? `, with the topics ${job.topics.join(', ')}` : '';
  const lines = [
    dryRun ? `Would write ${where} (${count}):` : `Wrote ${where} (${count}).`,
    ...(dryRun ? files.map((file) => `  ${file}${clashes.includes(file) ? '  (is there)' : ''}`) : []),
    ...(job
      ? [`${dryRun ? 'Would add' : 'Added'} the job ${job.name} to ${relative(cwd, job.file)}${topics}.`]
      : []),
    `To repeat it: ${result.command}`,
    'Next:',
    ...result.next.map((line) => `  ${line}`),
  ];
  return `${lines.join('\n')}\n`;
}

const actions = {
  add: '+ ',
  update: '~ ',
  merge: '~ ',
  remove: '- ',
  conflict: '! ',
  keep: '  ',
} as const;
const remarks = {
  merge: 'with your changes',
  conflict: 'changed by you and by the template',
  keep: 'stays as you have it',
} as const;

/** What an update did, a file a line. */
export function updateText({ template, changes, dryRun, next }: UpdateProjectResult): string {
  if (changes.length === 0) return `The project is as the template ${template} is now.\n`;
  const lines = changes.map(({ path, action }) => {
    const remark = action in remarks ? `  (${remarks[action as keyof typeof remarks]})` : '';
    return `${actions[action]}${path}${remark}`;
  });
  const steps = dryRun || next.length === 0 ? [] : ['Next:', ...next.map((line) => `  ${line}`)];
  return `${[...lines, ...steps].join('\n')}\n`;
}
