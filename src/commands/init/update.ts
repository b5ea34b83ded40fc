import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { terminalAsk } from '../../cli/ask.ts';
import { DdsCommand } from '../../cli/command.ts';
import { flagValue, givenAnswers, initOwnFlags, templateFlags } from '../../cli/init-flags.ts';
import { updateText } from '../../cli/init-view.ts';
import { DdsError } from '../../errors/index.ts';
import {
  answersFileName,
  findProject,
  type UpdateProjectResult,
  updateProject,
} from '../../runtime/init/index.ts';

const args = {
  dir: Args.string({ description: 'The project. [default: the current directory]', ignoreStdin: true }),
};
const flags = {
  template: Flags.string({
    description: 'The template, when it is a directory that has moved.',
    helpValue: 'DIR',
  }),
  yes: initOwnFlags.yes,
  'dry-run': initOwnFlags['dry-run'],
};

export default class InitUpdate extends DdsCommand<UpdateProjectResult> {
  static override summary = 'Bring a project to the current state of its template.';
  static override description =
    'What the template changed since is merged into the files; where both were changed at the same place, both stand there ' +
    'between marks, and the exit code is 4. Every question of the template has a flag here too, to answer it anew.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> my-job --dry-run',
    '<%= config.bin %> <%= command.id %> my-job',
  ];
  static override args = args;
  static override flags = flags;

  protected override async execute(): Promise<UpdateProjectResult> {
    const { cwd } = this.context;
    // Which flags there are depends on the project.
    const named = this.argv.find((word) => existsSync(join(cwd, word, answersFileName)));
    const found = await findProject(named, flagValue(this.argv, '--template'), cwd).catch(() => null);
    const questions = found ? templateFlags([found.template]) : {};
    const { args: where, flags: given } = await this.parse({
      args,
      flags: { ...questions, ...flags },
      baseFlags: DdsCommand.baseFlags,
    });
    const project = await findProject(where.dir, given.template, cwd);
    return updateProject(
      {
        ...{ project, given: givenAnswers(given, Object.keys(questions)) },
        ...{ ask: terminalAsk(this.json), yes: given.yes, dryRun: given['dry-run'] },
      },
      this.context,
    );
  }

  protected override render(result: UpdateProjectResult): void {
    void this.print(updateText(result));
  }

  protected override verdict({ conflicts, dryRun }: UpdateProjectResult): DdsError | null {
    if (conflicts.length === 0) return null;
    const marks = dryRun ? 'there would be marks in' : 'there are marks in';
    return new DdsError('DDS_UPDATE_CONFLICTS', `${marks} ${conflicts.join(', ')}`);
  }
}
