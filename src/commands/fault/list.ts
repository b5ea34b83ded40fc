import { DdsCommand } from '../../cli/command.ts';
import { faultsTable } from '../../cli/faults-view.ts';
import { siteFlag, siteNames } from '../../cli/sites-command.ts';
import type { FaultsResult } from '../../runtime/data/faults/faults.ts';

export default class FaultList extends DdsCommand<FaultsResult> {
  static override summary = 'Show the faults of embedded sites, and how many requests they have hit.';
  static override examples = ['<%= config.bin %> <%= command.id %>'];
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<FaultsResult> {
    const { flags } = await this.parse(FaultList);
    const { listFaults } = await import('../../runtime/data/faults/faults.ts');
    return listFaults({ stack: flags.stack, sites: siteNames(flags.site) }, this.context);
  }

  protected override render(result: FaultsResult): void {
    void this.print(faultsTable(result, this.paint));
  }
}
