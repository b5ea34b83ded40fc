import { groupsTable } from '../../cli/groups-view.ts';
import { SitesCommand, siteFlag, siteNames } from '../../cli/sites-command.ts';
import type { ListGroupsResult } from '../../runtime/data/groups/list-groups.ts';

export default class GroupsList extends SitesCommand<ListGroupsResult> {
  static override summary = 'List the consumer groups of sites, with their lag.';
  static override description =
    'Relays and sinks are no groups: a relay keeps its positions at its target, a sink beside its rows.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --site central --json',
  ];
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<ListGroupsResult> {
    const { flags } = await this.parse(GroupsList);
    const { listGroups } = await import('../../runtime/data/groups/list-groups.ts');
    return listGroups({ stack: flags.stack, sites: siteNames(flags.site) }, this.context);
  }

  protected override text(result: ListGroupsResult): string {
    return groupsTable(result, this.paint);
  }
}
