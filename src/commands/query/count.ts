import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { commaList } from '../../cli/job-flags.ts';
import { countText } from '../../cli/query-view.ts';
import type { CountResult } from '../../runtime/data/query/count.ts';

export default class QueryCount extends DdsCommand<CountResult> {
  static override summary = "Count the rows of a table in sites' databases, whichever they are.";
  static override description =
    'The same for DuckDB and for Cassandra, where a count of many rows in one statement runs into a timeout. A table that is not ' +
    'there yet has no rows.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> temperature_data --all-sites',
    '<%= config.bin %> <%= command.id %> temperature_data --distinct sensor_id,timestamp --json',
  ];
  static override args = {
    table: Args.string({ description: "Name of the table: the topic's with _.", required: true }),
  };
  static override flags = {
    site: Flags.string({
      char: 's',
      description: 'Site whose database to ask. [default: the central one]',
      helpValue: 'SITE',
      exclusive: ['all-sites'],
    }),
    'all-sites': Flags.boolean({ description: 'Count at every site that has a database.' }),
    distinct: Flags.string({
      description: 'Columns, separated by commas: also count how many rows differ in them.',
      helpValue: 'COLUMNS',
      default: '',
    }),
    timeout: Flags.string({
      description: 'Longest time for the count: 30s, 5m; a bare number is seconds.',
      helpValue: 'TIME',
      default: '30s',
    }),
  };

  protected override async execute(): Promise<CountResult> {
    const { args, flags } = await this.parse(QueryCount);
    const [{ countRows }, { parseDuration }] = await Promise.all([
      import('../../runtime/data/query/count.ts'),
      import('../../runtime/simulator/quantities.ts'),
    ]);
    return countRows(
      {
        ...{ stack: flags.stack, site: flags.site, allSites: flags['all-sites'], table: args.table },
        distinct: commaList(flags.distinct),
        timeoutMs: parseDuration(flags.timeout, '--timeout'),
      },
      this.context,
    );
  }

  protected override render(result: CountResult): void {
    void this.print(countText(result, this.paint));
  }
}
