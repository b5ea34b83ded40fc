import { Args, Flags } from '@oclif/core';
import { confirm } from '../../cli/confirm.ts';
import { deletionLines } from '../../cli/schemas-view.ts';
import { changedSiteFlag, destroyFlags, SitesCommand, siteNames } from '../../cli/sites-command.ts';
import type { DeleteSchemaResult } from '../../runtime/data/schemas/delete-schema.ts';

export default class SchemasDelete extends SitesCommand<DeleteSchemaResult> {
  static override summary = 'Delete a subject, or one version of it.';
  static override description =
    'Records written with a deleted schema stay readable, as its id does; with --permanent they do not.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> temperature-data-value --site edge-1 --dry-run',
    '<%= config.bin %> <%= command.id %> temperature-data-value:1 --site all --permanent --dry-run',
  ];
  static override args = {
    subject: Args.string({
      description: 'SUBJECT for all its versions, or SUBJECT:VERSION.',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    site: changedSiteFlag,
    permanent: Flags.boolean({ description: 'Forget it for good, also what was deleted before.' }),
    ...destroyFlags,
  };

  protected override async execute(): Promise<DeleteSchemaResult> {
    const { args, flags } = await this.parse(SchemasDelete);
    const { deleteSchema } = await import('../../runtime/data/schemas/delete-schema.ts');
    return deleteSchema(
      {
        ...{ stack: flags.stack, sites: siteNames(flags.site), subject: args.subject },
        ...{ permanent: flags.permanent, dryRun: flags['dry-run'] },
        confirm: ({ sites }) =>
          confirm(
            `Delete ${args.subject}${flags.permanent ? ' for good' : ''} at ${sites.map(({ site }) => site).join(', ')}?`,
            flags,
          ),
      },
      this.context,
    );
  }

  protected override text(result: DeleteSchemaResult): string {
    return deletionLines(result);
  }
}
