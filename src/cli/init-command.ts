import { Args } from '@oclif/core';
import {
  type CreateProjectResult,
  createProject,
  findTemplate,
  listTemplates,
  type Template,
} from '../runtime/init/index.ts';
import type { Kind } from '../runtime/init/template-schema.ts';
import { terminalAsk } from './ask.ts';
import { DdsCommand } from './command.ts';
import { flagValue, givenAnswers, projectFlags, projectOwnFlags } from './init-flags.ts';
import { projectText, templatesText } from './init-view.ts';

type ProjectKind = Exclude<Kind, 'topology'>;

export interface TemplateList {
  templates: Pick<Template, 'name' | 'kind' | 'description' | 'questions'>[];
}

export const initArgs = {
  dir: Args.string({
    description: 'Where it goes. [default: a directory of the name]',
    ignoreStdin: true,
  }),
};

/** What `dds init producer`, `consumer` and `stream` have in common. */
export abstract class InitCommand extends DdsCommand<CreateProjectResult | TemplateList> {
  static override args = initArgs;

  protected async create(kind: ProjectKind): Promise<CreateProjectResult | TemplateList> {
    const templates = listTemplates(kind);
    const own = ownTemplate(this.argv, kind, this.context.cwd);
    const questions = projectFlags(kind, own ? [own] : templates);
    const { args, flags } = await this.parse({
      args: initArgs,
      flags: { ...questions, ...projectOwnFlags },
      baseFlags: DdsCommand.baseFlags,
    });
    if (flags['list-templates']) return listed(templates);
    return createProject(
      {
        kind,
        directory: args.dir,
        given: givenAnswers(flags, Object.keys(questions)),
        ask: terminalAsk(this.json),
        yes: flags.yes,
        onClash: flags.force ? 'overwrite' : flags.merge ? 'keep' : 'refuse',
        dryRun: flags['dry-run'],
      },
      this.context,
    );
  }

  protected override render(result: CreateProjectResult | TemplateList): void {
    void this.print(
      'templates' in result ? templatesText(result, this.paint) : projectText(result, process.cwd()),
    );
  }
}

/** A template of the user's own brings questions, and so flags, of its own. */
export function ownTemplate(argv: readonly string[], kind: Kind, cwd: string): Template | null {
  const reference = flagValue(argv, '--template');
  if (reference === undefined) return null;
  const template = findTemplate(kind, reference, cwd);
  return template.own ? template : null;
}

export const listed = (templates: readonly Template[]): TemplateList => ({
  templates: templates.map(({ name, kind, description, questions }) => ({
    name,
    kind,
    description,
    questions,
  })),
});
