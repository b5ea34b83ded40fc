import { NodeChangeCommand, nodeArgs } from '../../cli/node-change-command.ts';
import { changedSiteFlag } from '../../cli/sites-command.ts';
import type { NodesResult } from '../../runtime/data/nodes/nodes.ts';

export default class NodeStart extends NodeChangeCommand {
  static override summary = 'Start Kafka brokers of an embedded site again, on the ports that they had.';
  static override description =
    'A node that is back is in the ISR of its partitions again and leads those whose preferred leader it is.';
  static override examples = ['<%= config.bin %> <%= command.id %> 1 --site edge-1'];
  static override args = nodeArgs;
  static override flags = { site: changedSiteFlag };

  protected override async execute(): Promise<NodesResult> {
    const { args, flags } = await this.parse(NodeStart);
    return this.change('start', args.nodes, flags);
  }
}
