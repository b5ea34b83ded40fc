import { Args } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { completionScripts, type Shell, shells } from '../cli/completion/scripts.ts';

export default class Completion extends DdsCommand<{ shell: Shell; script: string }> {
  static override summary = 'Print the script that completes dds commands in bash, zsh or fish.';
  static override description =
    'With it, Tab completes commands, flags and their values, and of the running stack its sites, services, topics, groups and subjects.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> bash > ~/.dds-completion.bash',
    '<%= config.bin %> <%= command.id %> fish > ~/.dds-completion.fish',
  ];
  static override args = {
    shell: Args.string({
      description: 'The shell.',
      options: [...shells],
      required: true,
      ignoreStdin: true,
    }),
  };

  protected override async execute(): Promise<{ shell: Shell; script: string }> {
    const { args } = await this.parse(Completion);
    const shell = args.shell as Shell;
    return { shell, script: completionScripts[shell] };
  }

  protected override render({ script }: { script: string }): void {
    void this.print(script);
  }
}
