import { DdsError } from '../errors/index.ts';
import type { NodesResult } from '../runtime/data/nodes/nodes.ts';
import { DdsCommand } from './command.ts';
import { nodesTable } from './nodes-view.ts';
import { numberArgs } from './number-args.ts';
import { siteNames } from './sites-command.ts';

export const nodeArgs = { nodes: numberArgs('NODES', 'Ids, as dds node list shows them.') };

/** What `dds node stop` and `dds node start` have in common. */
export abstract class NodeChangeCommand extends DdsCommand<NodesResult> {
  protected async change(
    change: 'stop' | 'start',
    ids: readonly number[] = [],
    { stack, site }: { stack?: string | undefined; site?: string | undefined },
  ): Promise<NodesResult> {
    if (ids.length === 0) {
      throw new DdsError('DDS_USAGE', 'NODES is missing', {
        hint: `Name nodes, as in dds node ${change} 1; dds node list shows them.`,
      });
    }
    const { changeNodes } = await import('../runtime/data/nodes/nodes.ts');
    return changeNodes({ stack, sites: siteNames(site), change, ids }, this.context);
  }

  protected override render(result: NodesResult): void {
    void this.print(nodesTable(result, this.paint));
  }
}
