import { Args, Flags } from '@oclif/core';
import { SitesCommand, siteFlag, siteNames } from '../../cli/sites-command.ts';
import { topicsTable } from '../../cli/topics-view.ts';
import type { ListTopicsResult } from '../../runtime/data/topics/list-topics.ts';

export default class TopicsList extends SitesCommand<ListTopicsResult> {
  static override summary = 'List the topics of sites, with what they hold and how long they keep it.';
  static override description =
    'RECORDS is the number of offsets from the first record to the end; a compacted topic holds fewer. BYTES counts ' +
    'every replica. SCHEMA is the id of the latest schema of the values.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    "<%= config.bin %> <%= command.id %> 'temperature-*' --site edge-1,central",
    '<%= config.bin %> <%= command.id %> --internal --json',
  ];
  static override args = {
    topics: Args.string({
      description: 'Names, globs or /regex/. [default: all]',
      multiple: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    site: siteFlag,
    internal: Flags.boolean({
      description: 'List also what Kafka, the registry and the relay keep for themselves.',
    }),
  };

  protected override async execute(): Promise<ListTopicsResult> {
    const { args, flags } = await this.parse(TopicsList);
    const { listTopics } = await import('../../runtime/data/topics/list-topics.ts');
    return listTopics(
      { stack: flags.stack, sites: siteNames(flags.site), topics: args.topics, internal: flags.internal },
      this.context,
    );
  }

  protected override text(result: ListTopicsResult): string {
    return topicsTable(result, this.paint);
  }
}
