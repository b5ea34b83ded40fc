import { Args } from '@oclif/core';
import { confirm } from '../../cli/confirm.ts';
import { changedSiteFlag, destroyFlags, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import { deleteLines } from '../../cli/topics-view.ts';
import type { DeleteTopicsResult } from '../../runtime/data/topics/delete-topics.ts';

export default class TopicsDelete extends SitesCommand<DeleteTopicsResult> {
  static override summary = 'Delete topics with all their records.';
  static override description =
    'Their schemas stay, and so do the tables of sinks. A pattern is taken only with --yes or --dry-run; internal ' +
    'topics never.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> temperature-data --site edge-1 --dry-run',
    "<%= config.bin %> <%= command.id %> 'temperature-*' --site all --dry-run",
  ];
  static override args = {
    topics: Args.string({
      description: 'Names; globs or /regex/ with --yes.',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { site: changedSiteFlag, ...destroyFlags };

  protected override async execute(): Promise<DeleteTopicsResult> {
    const { args, flags } = await this.parse(TopicsDelete);
    const { deleteTopics } = await import('../../runtime/data/topics/delete-topics.ts');
    return deleteTopics(
      {
        ...{ stack: flags.stack, sites: siteNames(flags.site), topics: args.topics },
        ...{ yes: flags.yes, dryRun: flags['dry-run'] },
        confirm: ({ sites }) =>
          confirm(
            `Delete ${args.topics.join(', ')} with all records at ${sites.map(({ site }) => site).join(', ')}?`,
            flags,
          ),
      },
      this.context,
    );
  }

  protected override text(result: DeleteTopicsResult): string {
    return deleteLines(result);
  }
}
