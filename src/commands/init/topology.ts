import { relative } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { type InitTopologyResult, initTopology } from '../../runtime/topology/index.ts';

export default class InitTopology extends DdsCommand<InitTopologyResult> {
  static override summary = 'Write the example topology as a commented dds.yaml.';
  static override description =
    'The file is what dds up --sites N builds without one: change it, then run dds up.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> lab/dds.yaml --sites 4',
  ];
  static override args = {
    file: Args.string({ description: 'Where to write it.', default: 'dds.yaml', ignoreStdin: true }),
  };
  static override flags = {
    sites: Flags.integer({ description: 'Number of edge sites, 1 to 20.', default: 2, helpValue: 'N' }),
    force: Flags.boolean({ description: 'Overwrite a file that is there already.' }),
  };

  protected override async execute(): Promise<InitTopologyResult> {
    const { args, flags } = await this.parse(InitTopology);
    return initTopology({ cwd: this.context.cwd, file: args.file, sites: flags.sites, force: flags.force });
  }

  protected override render({ file, sites }: InitTopologyResult): void {
    const shown = relative(process.cwd(), file) || file;
    void this.print(`Wrote ${shown} with the sites ${sites.join(', ')}.\nNext: dds up\n`);
  }
}
