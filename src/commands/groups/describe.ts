import { Args } from '@oclif/core';
import { groupDetails } from '../../cli/groups-view.ts';
import { SitesCommand, siteFlag, siteNames } from '../../cli/sites-command.ts';
import type { DescribeGroupsResult } from '../../runtime/data/groups/describe-groups.ts';

export default class GroupsDescribe extends SitesCommand<DescribeGroupsResult> {
  static override summary = 'Show where consumer groups stand in each partition, and who reads it.';
  static override description = 'LAG is the number of records that are still to be read.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> my-app',
    '<%= config.bin %> <%= command.id %> my-app --site central --json',
  ];
  static override args = {
    groups: Args.string({
      description: 'Names of the groups.',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<DescribeGroupsResult> {
    const { args, flags } = await this.parse(GroupsDescribe);
    const { describeGroups } = await import('../../runtime/data/groups/describe-groups.ts');
    return describeGroups(
      { stack: flags.stack, sites: siteNames(flags.site), groups: args.groups },
      this.context,
    );
  }

  protected override text(result: DescribeGroupsResult): string {
    return groupDetails(result, this.paint);
  }
}
