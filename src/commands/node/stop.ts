import { NodeChangeCommand, nodeArgs } from '../../cli/node-change-command.ts';
import { changedSiteFlag } from '../../cli/sites-command.ts';
import type { NodesResult } from '../../runtime/data/nodes/nodes.ts';

export default class NodeStop extends NodeChangeCommand {
  static override summary = 'Stop Kafka brokers of an embedded site: their ports close, leaders move.';
  static override description =
    'The next broker of each ISR leads on, in a new leader epoch. A node that is stopped stays so until dds node start, or until the site is started again.';
  static override examples = ['<%= config.bin %> <%= command.id %> 1 --site edge-1'];
  static override args = nodeArgs;
  static override flags = { site: changedSiteFlag };

  protected override async execute(): Promise<NodesResult> {
    const { args, flags } = await this.parse(NodeStop);
    return this.change('stop', args.nodes, flags);
  }
}
