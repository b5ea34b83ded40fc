import { DdsCommand } from '../../cli/command.ts';
import { nodesTable } from '../../cli/nodes-view.ts';
import { siteFlag, siteNames } from '../../cli/sites-command.ts';
import type { NodesResult } from '../../runtime/data/nodes/nodes.ts';

export default class NodeList extends DdsCommand<NodesResult> {
  static override summary =
    'Show the Kafka brokers of embedded sites: ports, what they lead, who is connected.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --site edge-1 --json',
  ];
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<NodesResult> {
    const { flags } = await this.parse(NodeList);
    const { listNodes } = await import('../../runtime/data/nodes/nodes.ts');
    return listNodes({ stack: flags.stack, sites: siteNames(flags.site) }, this.context);
  }

  protected override render(result: NodesResult): void {
    void this.print(nodesTable(result, this.paint));
  }
}
