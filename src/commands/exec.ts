import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { processState } from '../cli/process-state.ts';

export default class Exec extends DdsCommand {
  static override summary = 'Run a command with a stack, then stop the stack; made for tests and CI.';
  static override description =
    "The exit code is the command's own, 128 + n after signal n. Its input and output are passed through; what dds says goes to stderr. " +
    'A stack that runs already is used and goes on running. The command finds the endpoints in its environment, as dds env shows them, and those of every site, such as DDS_EDGE_1_BROKERS.';
  static override strict = false;
  static override usage =
    'exec [--sites N] [--ports auto] [--file FILE] [--site SITE] [--keep] -- COMMAND...';
  static override examples = [
    '<%= config.bin %> exec --sites 2 -- npm test',
    '<%= config.bin %> exec --site edge-1 -- sh -c \'echo "$DDS_BROKERS"\'',
    '<%= config.bin %> exec --ports auto --keep -- printenv DDS_REGISTRY',
  ];
  static override flags = {
    sites: Flags.integer({ description: 'Number of edge sites of the example, 1 to 20.' }),
    ports: Flags.option({
      description: 'Take free ports instead of those of the topology.',
      options: ['auto'] as const,
    })(),
    file: Flags.string({ char: 'f', description: 'Topology file. [default: dds.yaml, when it is there]' }),
    site: Flags.string({
      char: 's',
      description: 'Whose endpoints are in DDS_BROKERS. [default: central, else the first]',
      helpValue: 'SITE',
    }),
    keep: Flags.boolean({ description: 'Leave the stack running.' }),
  };

  protected override async execute(): Promise<void> {
    const end = this.argv.indexOf('--');
    const own = end < 0 ? this.argv : this.argv.slice(0, end);
    // Parsing replaces this.argv.
    const rest = end < 0 ? [] : this.argv.slice(end + 1);
    const { flags, argv } = await this.parse(Exec, own);
    const command = [...(argv as string[]), ...rest];
    const { exec } = await import('../runtime/stack/exec.ts');
    const code = await exec(
      // From the start of the command a signal is for it, not for us.
      { ...flags, command, onCommand: () => processState().interrupt.dispose() },
      this.context,
    );
    this.exit(code);
  }
}
