import { Args } from '@oclif/core';
import { checkLines } from '../../cli/schemas-view.ts';
import { SitesCommand, siteFlag, siteNames } from '../../cli/sites-command.ts';
import { DdsError } from '../../errors/index.ts';
import type { CheckSchemaResult } from '../../runtime/data/schemas/check-schema.ts';
import { succeeded } from '../../runtime/data/sites/outcomes.ts';

export default class SchemasCheck extends SitesCommand<CheckSchemaResult> {
  static override summary = 'Find out whether a schema may follow those of its subject.';
  static override description =
    "Nothing is registered. Each site's registry judges by the compatibility level of the subject; when one finds " +
    'the schema incompatible, the exit code is 4.';
  static override examples = [
    '<%= config.bin %> schemas show temperature-data-value --site edge-1 | <%= config.bin %> <%= command.id %> temperature-data-value -',
  ];
  static override args = {
    subject: Args.string({ description: 'Name of the subject.', required: true, ignoreStdin: true }),
    file: Args.string({
      description: 'File of an Avro schema, or - for standard input.',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<CheckSchemaResult> {
    const { args, flags } = await this.parse(SchemasCheck);
    const { checkSchema } = await import('../../runtime/data/schemas/check-schema.ts');
    return checkSchema(
      { stack: flags.stack, sites: siteNames(flags.site), subject: args.subject, file: args.file },
      this.context,
    );
  }

  protected override text(result: CheckSchemaResult): string {
    return checkLines(result);
  }

  protected override verdict(result: CheckSchemaResult): DdsError | null {
    const failed = super.verdict(result);
    const refusing = succeeded(result.sites).filter(({ compatible }) => !compatible);
    if (failed || refusing.length === 0) return failed;
    const where = refusing.map(({ site }) => site).join(', ');
    return new DdsError(
      'DDS_INCOMPATIBLE',
      `the schema may not follow those of ${result.subject} at ${where}`,
    );
  }
}
