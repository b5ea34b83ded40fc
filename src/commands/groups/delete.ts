import { Args } from '@oclif/core';
import { confirm } from '../../cli/confirm.ts';
import { changedSiteFlag, destroyFlags, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import type { DeleteGroupsResult } from '../../runtime/data/groups/delete-groups.ts';
import { succeeded } from '../../runtime/data/sites/outcomes.ts';

export default class GroupsDelete extends SitesCommand<DeleteGroupsResult> {
  static override summary = 'Delete consumer groups with their positions.';
  static override description = 'A group that has members is refused, and they are named.';
  static override examples = ['<%= config.bin %> <%= command.id %> my-app --site all --dry-run'];
  static override args = {
    groups: Args.string({
      description: 'Names of the groups.',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { site: changedSiteFlag, ...destroyFlags };

  protected override async execute(): Promise<DeleteGroupsResult> {
    const { args, flags } = await this.parse(GroupsDelete);
    const { deleteGroups } = await import('../../runtime/data/groups/delete-groups.ts');
    return deleteGroups(
      {
        ...{ stack: flags.stack, sites: siteNames(flags.site), groups: args.groups },
        dryRun: flags['dry-run'],
        confirm: ({ sites }) =>
          confirm(
            `Delete the group ${args.groups.join(', ')} at ${sites.map(({ site }) => site).join(', ')}?`,
            flags,
          ),
      },
      this.context,
    );
  }

  protected override text({ dryRun, sites }: DeleteGroupsResult): string {
    const said = dryRun ? 'would be deleted' : 'deleted';
    return succeeded(sites)
      .flatMap(({ site, groups }) => groups.map((group) => `${site}: ${group} ${said}\n`))
      .join('');
  }
}
