import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { tablesText } from '../../cli/query-view.ts';
import type { TablesResult } from '../../runtime/data/query/tables.ts';

export default class QueryTables extends DdsCommand<TablesResult> {
  static override summary = "List the tables of a site's database, with their columns and rows.";
  static override description =
    "A topic's table is made with its first record. mode is append (every record is a row) or latest (the last " +
    'record of each key, for compacted topics).';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --site edge-1 --json',
  ];
  static override flags = {
    site: Flags.string({
      char: 's',
      description: 'Site whose database to look at. [default: the central one]',
      helpValue: 'SITE',
    }),
  };

  protected override async execute(): Promise<TablesResult> {
    const { flags } = await this.parse(QueryTables);
    const { queryTables } = await import('../../runtime/data/query/tables.ts');
    return queryTables({ stack: flags.stack, site: flags.site }, this.context);
  }

  protected override render(result: TablesResult): void {
    void this.print(tablesText(result, this.paint));
    const { site, size, logSize, tables } = result;
    const sizes = size === null ? '' : `, ${size}${logSize === null ? '' : ` and ${logSize} of log`}`;
    this.note(`${tables.length} ${tables.length === 1 ? 'table' : 'tables'} at ${site}${sizes}`);
  }
}
