import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { queryTable, rowCount } from '../cli/query-view.ts';
import { DdsError } from '../errors/index.ts';
import type { QueryResult } from '../runtime/data/query.ts';

export default class Query extends DdsCommand<QueryResult> {
  static override summary = "Ask a site's database in SQL, while it is being written.";
  static override description =
    'A topic is a table: temperature-data is temperature_data. Beside the fields of the records every table has ' +
    '_key, site, latency_ms, _partition, _offset and _timestamp. Statements that write are refused.';
  static override examples = [
    "<%= config.bin %> <%= command.id %> 'SELECT count(*) FROM temperature_data'",
    "<%= config.bin %> <%= command.id %> 'SHOW TABLES' --site edge-1",
    "<%= config.bin %> <%= command.id %> 'FROM temperature_data LIMIT 3' --json",
  ];
  static override args = {
    sql: Args.string({ description: 'One SQL statement, in quotes.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    site: Flags.string({ char: 's', description: 'Site whose database to ask. [default: the central one]' }),
    'max-rows': Flags.integer({
      description: 'Most rows to return.',
      min: 1,
      max: 1_000_000,
      default: 10_000,
    }),
    timeout: Flags.string({ description: 'Longest time for the statement, s.', default: '30' }),
  };

  protected override async execute(): Promise<QueryResult> {
    const { args, flags } = await this.parse(Query);
    const timeoutMs = Math.round(Number(flags.timeout.replace(/s$/, '')) * 1000);
    if (!(timeoutMs >= 1 && timeoutMs <= 86_400_000)) {
      throw new DdsError('DDS_USAGE', `--timeout ${flags.timeout} is not a number of seconds`, {
        hint: 'Give it like --timeout 30.',
      });
    }
    const { query } = await import('../runtime/data/query.ts');
    return query(
      { stack: flags.stack, site: flags.site, sql: args.sql, maxRows: flags['max-rows'], timeoutMs },
      this.context,
    );
  }

  protected override render(result: QueryResult): void {
    void this.print(queryTable(result, this.paint));
    this.note(rowCount(result));
  }
}
