import { Args } from '@oclif/core';
import { SitesCommand, siteFlag, siteNames } from '../../cli/sites-command.ts';
import { topicDetails } from '../../cli/topics-view.ts';
import type { DescribeTopicsResult } from '../../runtime/data/topics/describe-topics.ts';

export default class TopicsDescribe extends SitesCommand<DescribeTopicsResult> {
  static override summary = "Show a topic's partitions, configuration, schemas and readers.";
  static override description = 'Of the configuration it shows what differs from the default.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> temperature-data',
    '<%= config.bin %> <%= command.id %> temperature-data --site edge-1 --json',
  ];
  static override args = {
    topics: Args.string({
      description: 'Names, globs or /regex/.',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<DescribeTopicsResult> {
    const { args, flags } = await this.parse(TopicsDescribe);
    const { describeTopics } = await import('../../runtime/data/topics/describe-topics.ts');
    return describeTopics(
      { stack: flags.stack, sites: siteNames(flags.site), topics: args.topics },
      this.context,
    );
  }

  protected override text(result: DescribeTopicsResult): string {
    return topicDetails(result, this.paint);
  }
}
