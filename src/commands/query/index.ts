import { Args } from '@oclif/core';
import { DdsCommand, FailedVerdict } from '../../cli/command.ts';
import { processState } from '../../cli/process-state.ts';
import { queryFlags, statementText } from '../../cli/query-flags.ts';
import { rowCount, tableOutput } from '../../cli/query-view.ts';
import type { RowOutput } from '../../runtime/data/query/output.ts';
import type { ParquetFile } from '../../runtime/data/query/parquet-output.ts';

export default class Query extends DdsCommand {
  static override summary = "Ask a site's database in SQL, while it is being written.";
  static override description =
    'A topic is a table: temperature-data is temperature_data. Beside the fields of the records every table has ' +
    '_key, site, latency_ms, _partition, _offset and _timestamp. Statements that write are refused.';
  static override examples = [
    "<%= config.bin %> <%= command.id %> 'SELECT count(*) FROM temperature_data'",
    "<%= config.bin %> <%= command.id %> 'FROM temperature_data LIMIT 3' --site edge-1 --json",
    "<%= config.bin %> <%= command.id %> 'SELECT count(*) AS n FROM temperature_data' --all-sites",
    "<%= config.bin %> <%= command.id %> 'FROM temperature_data WHERE temperature > $least' --param least=20 --csv",
    "<%= config.bin %> <%= command.id %> 'FROM temperature_data' --parquet readings.parquet --force",
    "echo 'SHOW TABLES' | <%= config.bin %> <%= command.id %> --file -",
  ];
  static override args = {
    sql: Args.string({ description: 'One SQL statement, in quotes.', ignoreStdin: true }),
  };
  static override flags = queryFlags;

  protected override async execute(): Promise<void> {
    const { args, flags } = await this.parse(Query);
    const sql = await statementText(args.sql, flags.file);
    const [{ failureOf, query }, { parseParameters }, { parseDuration }] = await Promise.all([
      import('../../runtime/data/query/query.ts'),
      import('../../runtime/data/query/parameters.ts'),
      import('../../runtime/simulator/quantities.ts'),
    ]);
    const options = {
      ...{ stack: flags.stack, site: flags.site, allSites: flags['all-sites'], sql },
      params: parseParameters(flags.param ?? []),
      maxRows: flags.limit ?? (flags.csv || flags.parquet !== undefined ? 0 : 10_000),
      timeoutMs: parseDuration(flags.timeout, '--timeout'),
    };
    const file = flags.parquet === undefined ? null : await this.#parquet(flags.parquet, flags.force);
    const output = file ?? (await this.#output(flags));
    const result = await query({ ...options, output }, this.context);
    if (processState().stdoutClosed) return;
    if (file && flags.json) {
      const path = file.bytes > 0 ? flags.parquet : null;
      await this.print(`${JSON.stringify({ file: path, bytes: file.bytes, ...result })}\n`);
    }
    const written = file && file.bytes > 0 ? ` in ${flags.parquet}` : '';
    if (result.truncated || result.interrupted || !(flags.csv || flags.json)) {
      this.note(rowCount(result) + written);
    }
    const failure = failureOf(result);
    if (failure && !result.interrupted) throw new FailedVerdict(failure);
  }

  async #parquet(path: string, force: boolean): Promise<ParquetFile> {
    const { parquetOutput } = await import('../../runtime/data/query/parquet-output.ts');
    return parquetOutput(path, { force });
  }

  async #output(flags: { csv: boolean; json: boolean; 'all-sites': boolean }): Promise<RowOutput> {
    const write = (text: string) => this.print(text);
    if (!flags.csv && !flags.json) return tableOutput(write, this.paint);
    const { csvOutput, jsonOutput } = await import('../../runtime/data/query/text-outputs.ts');
    return flags.csv ? csvOutput(write) : jsonOutput(write, flags['all-sites']);
  }
}
