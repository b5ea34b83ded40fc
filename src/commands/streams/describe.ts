import { Args } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import type { DescribeJobResult } from '../../runtime/data/streams/describe-job.ts';

export default class StreamsDescribe extends DdsCommand<DescribeJobResult> {
  static override summary = 'Show the topology of a stream job: sources, processors, stores, sinks.';
  static override description =
    'The format is that of Kafka Streams, which its viewers read, too. A service of the running stack is shown with its settings; the bare names detector and notifier show them as they are built in, without a stack.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> detector',
    '<%= config.bin %> <%= command.id %> edge-1/detector --json',
  ];
  static override args = {
    job: Args.string({
      description: 'The job: SITE/NAME, a name that only one site has, detector or notifier.',
      required: true,
    }),
  };
  protected override async execute(): Promise<DescribeJobResult> {
    const { args, flags } = await this.parse(StreamsDescribe);
    const { describeJob } = await import('../../runtime/data/streams/describe-job.ts');
    return describeJob({ job: args.job, stack: flags.stack }, this.context);
  }

  protected override render({ text }: DescribeJobResult): void {
    void this.print(text.endsWith('\n') ? text : `${text}\n`);
  }
}
