import { subjectsTable } from '../../cli/schemas-view.ts';
import { SitesCommand, siteFlag, siteNames } from '../../cli/sites-command.ts';
import type { ListSchemasResult } from '../../runtime/data/schemas/list-schemas.ts';

export default class SchemasList extends SitesCommand<ListSchemasResult> {
  static override summary = "List the subjects of each site's Schema Registry.";
  static override description =
    'ID is that of the latest version. The same schema may have different ids at different sites.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --site central --json',
  ];
  static override flags = { site: siteFlag };

  protected override async execute(): Promise<ListSchemasResult> {
    const { flags } = await this.parse(SchemasList);
    const { listSchemas } = await import('../../runtime/data/schemas/list-schemas.ts');
    return listSchemas({ stack: flags.stack, sites: siteNames(flags.site) }, this.context);
  }

  protected override text(result: ListSchemasResult): string {
    return subjectsTable(result, this.paint);
  }
}
