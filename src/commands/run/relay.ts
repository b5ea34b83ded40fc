import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { accessBySite, commaList, jobFlags, topicFlags } from '../../cli/job-flags.ts';

export default class RunRelay extends DdsCommand {
  static override summary = 'Copy topics from other sites to this one, until it is told to stop.';
  static override description =
    'Keeps partition, key, timestamp and headers, translates schema ids between the registries, and follows new topics and ' +
    'partitions. Positions are kept in dds.relay.<source>.positions at the target. The headers dds-site, dds-source and ' +
    'dds-route say where a record comes from; none goes back to a site where it was.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --site central --brokers 127.0.0.1:9092 --registry http://127.0.0.1:8081 --source edge-1,brokers=127.0.0.1:9193,registry=http://127.0.0.1:8181',
  ];
  static override flags = {
    ...jobFlags,
    ...topicFlags,
    source: Flags.string({
      description:
        'a site to copy from: NAME,brokers=HOST:PORT[;HOST:PORT…],registry=URL; several times [env: DDS_SOURCES, separated by ";"]',
      multiple: true,
      multipleNonGreedy: true,
    }),
    delivery: Flags.option({
      description:
        'exactly-once: records and positions in one transaction; at-least-once: sooner there, a crash repeats some records',
      env: 'DDS_DELIVERY',
      options: ['exactly-once', 'at-least-once'] as const,
      default: 'exactly-once',
    })(),
    name: Flags.string({
      description:
        'name of the relay: of those with the same name, site and source the newest runs, and ends the others',
      env: 'DDS_JOB',
      default: 'relay',
    }),
    names: Flags.string({
      description:
        'names of the topics at the target: same, {site}.{topic}, or another template with {topic}',
      env: 'DDS_NAMES',
      default: 'same',
    }),
    'on-error': Flags.option({
      description:
        'what becomes of a record that the target refuses, or whose schema cannot be translated: its partition is held, or it goes to TOPIC.dead-letter at the target',
      env: 'DDS_ON_ERROR',
      options: ['hold', 'dead-letter'] as const,
      default: 'hold',
    })(),
    schemas: Flags.option({
      description:
        'what to do with a schema id that the source does not know: hold the partition, or pass the bytes as they are',
      env: 'DDS_SCHEMAS',
      options: ['strict', 'lenient'] as const,
      default: 'strict',
    })(),
  };

  protected override async execute(): Promise<void> {
    const { flags } = await this.parse(RunRelay);
    const { parseSources, runRelay } = await import('../../runtime/jobs/relay/run-relay.ts');
    const sources = parseSources(flags.source, this.context.env.DDS_SOURCES);
    const sites = [flags.site, ...sources.map(({ site }) => site)];
    await runRelay(
      {
        ...flags,
        brokers: commaList(flags.brokers),
        access: await accessBySite(flags.access, this.context.cwd, sites),
        sources,
        topics: commaList(flags.topics),
        exclude: commaList(flags.exclude),
        onError: flags['on-error'],
        logLevel: flags['log-level'],
      },
      this.context.signal,
    );
  }
}
