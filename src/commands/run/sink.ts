import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { accessBySite, commaList, jobFlags, topicFlags } from '../../cli/job-flags.ts';

export default class RunSink extends DdsCommand {
  static override summary = 'Store the topics of a site in its database, each record exactly once.';
  static override description =
    'Every topic becomes a table of the same name, with _ for other characters than letters and digits. Rows and ' +
    'positions are committed together in DuckDB; in Cassandra positions follow the rows, and what is written again is the same row. Serves /metrics, /healthz, /info, /latency and POST /query on --http.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --site edge-1 --brokers 127.0.0.1:9192 --registry http://127.0.0.1:8181 --store duckdb:edge-1.duckdb',
  ];
  static override flags = {
    ...jobFlags,
    ...topicFlags,
    store: Flags.string({
      description:
        'database: duckdb:PATH, or cassandra://HOST:PORT[,HOST:PORT]/KEYSPACE?dc=DATACENTER&ttl=30d&bucket=1d&replication=1&tls=true&ca=PATH, with DDS_CASSANDRA_USERNAME and DDS_CASSANDRA_PASSWORD or _PASSWORD_FILE in the environment',
      env: 'DDS_STORE',
      required: true,
    }),
  };

  protected override async execute(): Promise<void> {
    const { flags } = await this.parse(RunSink);
    const { runSink } = await import('../../runtime/jobs/sinks/index.ts');
    const access = await accessBySite(flags.access, this.context.cwd, [flags.site]);
    await runSink(
      {
        site: flags.site,
        brokers: commaList(flags.brokers),
        registry: flags.registry,
        access: access[flags.site],
        store: flags.store,
        topics: commaList(flags.topics),
        exclude: commaList(flags.exclude),
        http: flags.http,
        env: this.context.env,
        logLevel: flags['log-level'],
      },
      this.context.signal,
    );
  }
}
