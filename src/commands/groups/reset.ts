import { Args, Flags } from '@oclif/core';
import { confirm } from '../../cli/confirm.ts';
import { resetLines } from '../../cli/groups-view.ts';
import { changedSiteFlag, destroyFlags, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import type { ResetGroupResult } from '../../runtime/data/groups/reset-group.ts';

export default class GroupsReset extends SitesCommand<ResetGroupResult> {
  static override summary = 'Let a consumer group go on from another place.';
  static override description =
    'A group that has members is refused, and they are named. A place outside of the log becomes its nearest end.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> my-app --to earliest --site all --dry-run',
    '<%= config.bin %> <%= command.id %> my-app --to=-1h --topic temperature-data --site all --dry-run',
    '<%= config.bin %> <%= command.id %> my-app --shift=-100 --site all --dry-run',
  ];
  static override args = {
    group: Args.string({ description: 'Name of the group.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    site: changedSiteFlag,
    to: Flags.string({
      description: 'earliest, latest, an offset or a time, such as --to=-1h.',
      helpValue: 'PLACE',
      exclusive: ['shift'],
    }),
    shift: Flags.string({
      description: 'Go so many records forward, or back as with --shift=-100.',
      helpValue: 'N',
    }),
    topic: Flags.string({
      description: 'Only this topic or partition. [default: all that the group has a position in]',
      helpValue: 'TOPIC[:PARTITION]',
    }),
    ...destroyFlags,
  };

  protected override async execute(): Promise<ResetGroupResult> {
    const { args, flags } = await this.parse(GroupsReset);
    const { resetGroup } = await import('../../runtime/data/groups/reset-group.ts');
    const { to, shift, topic } = flags;
    return resetGroup(
      {
        ...{ stack: flags.stack, sites: siteNames(flags.site), group: args.group },
        ...{ to, shift, topic, dryRun: flags['dry-run'] },
        confirm: ({ sites }) =>
          confirm(`Reset the group ${args.group} at ${sites.map(({ site }) => site).join(', ')}?`, flags),
      },
      this.context,
    );
  }

  protected override text(result: ResetGroupResult): string {
    return resetLines(result);
  }
}
