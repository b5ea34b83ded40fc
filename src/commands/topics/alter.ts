import { Args, Flags } from '@oclif/core';
import { configValues } from '../../cli/config-flags.ts';
import { changedSiteFlag, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import { alterLines } from '../../cli/topics-view.ts';
import type { AlterTopicsResult } from '../../runtime/data/topics/alter-topics.ts';

export default class TopicsAlter extends SitesCommand<AlterTopicsResult> {
  static override summary = 'Add partitions to topics, or change their configuration.';
  static override description =
    'Partitions only grow, and records with the same key may go to another partition from then on.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> temperature-data --config retention.ms=3600000 --site all',
    '<%= config.bin %> <%= command.id %> temperature-data --partitions 8 --site edge-1 --dry-run',
    '<%= config.bin %> <%= command.id %> temperature-data --unset retention.ms --site all',
  ];
  static override args = {
    topics: Args.string({
      description: 'Names, globs or /regex/.',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    site: changedSiteFlag,
    partitions: Flags.integer({ char: 'p', description: 'New number of partitions.', min: 1, max: 10_000 }),
    config: Flags.string({
      description: 'Configuration to set; may be given several times.',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
    }),
    unset: Flags.string({
      description: 'Configuration to leave to the default again; may be given several times.',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
    }),
    'dry-run': Flags.boolean({ description: 'Only show what would be done.' }),
  };

  protected override async execute(): Promise<AlterTopicsResult> {
    const { args, flags } = await this.parse(TopicsAlter);
    const unset = Object.fromEntries((flags.unset ?? []).map((name) => [name, null]));
    const configs = { ...configValues(flags.config), ...unset };
    const { alterTopics } = await import('../../runtime/data/topics/alter-topics.ts');
    return alterTopics(
      {
        ...{ stack: flags.stack, sites: siteNames(flags.site), topics: args.topics },
        ...{ partitions: flags.partitions, configs, dryRun: flags['dry-run'] },
      },
      this.context,
    );
  }

  protected override text(result: AlterTopicsResult): string {
    return alterLines(result);
  }
}
