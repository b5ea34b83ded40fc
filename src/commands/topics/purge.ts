import { Args, Flags } from '@oclif/core';
import { confirm } from '../../cli/confirm.ts';
import { changedSiteFlag, destroyFlags, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import { purgeLines } from '../../cli/topics-view.ts';
import { succeeded } from '../../runtime/data/sites/outcomes.ts';
import type { PurgeTopicsResult } from '../../runtime/data/topics/purge-topics.ts';

export default class TopicsPurge extends SitesCommand<PurgeTopicsResult> {
  static override summary = 'Remove the records of topics, or those before an offset or a time.';
  static override description =
    'The topics stay, with their configuration, and offsets go on where they were. What sinks have stored already stays too.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> temperature-data --site edge-1 --dry-run',
    '<%= config.bin %> <%= command.id %> temperature-data --before=-1h --site all --dry-run',
  ];
  static override args = {
    topics: Args.string({
      description: 'Names; globs or /regex/ with --yes.',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    site: changedSiteFlag,
    before: Flags.string({
      description:
        'Remove only records before this offset or time, such as --before=-1h. [default: all that are there now]',
      helpValue: 'OFFSET|TIME',
    }),
    ...destroyFlags,
  };

  protected override async execute(): Promise<PurgeTopicsResult> {
    const { args, flags } = await this.parse(TopicsPurge);
    const { purgeTopics } = await import('../../runtime/data/topics/purge-topics.ts');
    return purgeTopics(
      {
        ...{ stack: flags.stack, sites: siteNames(flags.site), topics: args.topics, before: flags.before },
        ...{ yes: flags.yes, dryRun: flags['dry-run'] },
        confirm: ({ sites }) => {
          const records = succeeded(sites).reduce((sum, one) => sum + one.records, 0);
          const where = sites.map(({ site }) => site).join(', ');
          return confirm(`Remove ${records} records of ${args.topics.join(', ')} at ${where}?`, flags);
        },
      },
      this.context,
    );
  }

  protected override text(result: PurgeTopicsResult): string {
    return purgeLines(result);
  }
}
