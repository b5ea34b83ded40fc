import { Args, Flags } from '@oclif/core';
import { configValues } from '../../cli/config-flags.ts';
import { changedSiteFlag, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import { counted } from '../../cli/topics-view.ts';
import { succeeded } from '../../runtime/data/sites/outcomes.ts';
import type { CreateTopicsResult } from '../../runtime/data/topics/create-topics.ts';

export default class TopicsCreate extends SitesCommand<CreateTopicsResult> {
  static override summary = 'Create topics, with a schema for their values if you like.';
  static override description =
    'Every site is asked first whether it would take the topics, so that a mistake changes nothing.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> readings --partitions 4 --site all',
    '<%= config.bin %> <%= command.id %> states --config cleanup.policy=compact --site edge-1',
  ];
  static override args = {
    topics: Args.string({
      description: 'Names of the topics.',
      multiple: true,
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    site: changedSiteFlag,
    partitions: Flags.integer({
      char: 'p',
      description: 'Number of partitions.',
      min: 1,
      max: 10_000,
      default: 1,
    }),
    config: Flags.string({
      description: 'Configuration of the topics; may be given several times.',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME=VALUE',
    }),
    schema: Flags.string({
      description: 'Avro schema of the values; it is registered as TOPIC-value first.',
      helpValue: 'FILE.avsc',
    }),
  };

  protected override async execute(): Promise<CreateTopicsResult> {
    const { args, flags } = await this.parse(TopicsCreate);
    const configs = configValues(flags.config);
    const { createTopics } = await import('../../runtime/data/topics/create-topics.ts');
    return createTopics(
      {
        ...{ stack: flags.stack, sites: siteNames(flags.site), topics: args.topics },
        ...{ partitions: flags.partitions, configs, schemaFile: flags.schema },
      },
      this.context,
    );
  }

  protected override text({ topics, partitions, sites }: CreateTopicsResult): string {
    return succeeded(sites)
      .map(({ site, schemaId }) => {
        const schema = schemaId === null ? '' : `, schema id ${schemaId}`;
        return `${site}: ${topics.join(', ')} created, ${counted(partitions, 'partition')}${schema}\n`;
      })
      .join('');
  }
}
