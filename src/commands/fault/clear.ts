import { DdsCommand } from '../../cli/command.ts';
import { numberArgs } from '../../cli/number-args.ts';
import { siteFlag, siteNames } from '../../cli/sites-command.ts';
import type { FaultsResult } from '../../runtime/data/faults/faults.ts';

export default class FaultClear extends DdsCommand<FaultsResult> {
  static override summary = 'Take faults of embedded sites away.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --site edge-1',
  ];
  static override args = { ids: numberArgs('IDS', 'Their ids. [default: all]') };
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<FaultsResult> {
    const { args, flags } = await this.parse(FaultClear);
    const { clearFaults } = await import('../../runtime/data/faults/faults.ts');
    return clearFaults({ stack: flags.stack, sites: siteNames(flags.site), ids: args.ids }, this.context);
  }

  protected override render({ sites }: FaultsResult): void {
    const lines = sites.map(({ site, faults }) => `${site}: ${faults.length} cleared\n`);
    void this.print(lines.join('') || 'no site has a broker that can be given faults\n');
  }
}
