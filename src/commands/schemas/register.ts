import { Args } from '@oclif/core';
import { changedSiteFlag, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import type { RegisterSchemaResult } from '../../runtime/data/schemas/register-schema.ts';
import { succeeded } from '../../runtime/data/sites/outcomes.ts';

export default class SchemasRegister extends SitesCommand<RegisterSchemaResult> {
  static override summary = 'Register a schema under a subject.';
  static override description =
    'When one of the sites would not take it, none gets it. A schema that is there already keeps its version.';
  static override examples = [
    '<%= config.bin %> schemas show temperature-data-value --site edge-1 | <%= config.bin %> <%= command.id %> readings-value - --site all',
  ];
  static override args = {
    subject: Args.string({
      description: 'Name of the subject: TOPIC-value or TOPIC-key.',
      required: true,
      ignoreStdin: true,
    }),
    file: Args.string({
      description: 'File of an Avro schema, or - for standard input.',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { site: changedSiteFlag };

  protected override async execute(): Promise<RegisterSchemaResult> {
    const { args, flags } = await this.parse(SchemasRegister);
    const { registerSchema } = await import('../../runtime/data/schemas/register-schema.ts');
    return registerSchema(
      { stack: flags.stack, sites: siteNames(flags.site), subject: args.subject, file: args.file },
      this.context,
    );
  }

  protected override text({ subject, sites }: RegisterSchemaResult): string {
    return succeeded(sites)
      .map(({ site, id, version, isNew }) => {
        return `${site}: ${subject} version ${version}, id ${id}${isNew ? '' : ', was there already'}\n`;
      })
      .join('');
  }
}
