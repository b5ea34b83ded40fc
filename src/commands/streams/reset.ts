import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { confirm } from '../../cli/confirm.ts';
import { destroyFlags } from '../../cli/sites-command.ts';
import type { ResetJobResult } from '../../runtime/data/streams/reset-job.ts';

export default class StreamsReset extends DdsCommand<ResetJobResult> {
  static override summary = 'Let a stream job begin anew: without positions, without state.';
  static override description =
    'Stops the job, deletes its consumer group, its changelogs and its repartition topics, and starts it again. What it has written stays: from the beginning it writes it once more.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> edge-1/detector --dry-run',
    '<%= config.bin %> <%= command.id %> edge-1/detector --to latest --yes',
  ];
  static override args = {
    job: Args.string({
      description: 'The job: SITE/NAME, or a name that only one site has.',
      required: true,
    }),
  };
  static override flags = {
    to: Flags.option({
      description: 'Where it begins again.',
      options: ['earliest', 'latest'] as const,
      default: 'earliest',
    })(),
    ...destroyFlags,
  };

  protected override async execute(): Promise<ResetJobResult> {
    const { args, flags } = await this.parse(StreamsReset);
    const { resetJob } = await import('../../runtime/data/streams/reset-job.ts');
    return resetJob(
      {
        ...{ job: args.job, stack: flags.stack, to: flags.to, dryRun: flags['dry-run'] },
        confirm: ({ service, internalTopics }) =>
          confirm(
            `Reset ${service} to ${flags.to} and delete ${internalTopics.join(', ') || 'no topic'}?`,
            flags,
          ),
      },
      this.context,
    );
  }

  protected override render({ service, dryRun, to, positions, internalTopics }: ResetJobResult): void {
    const said = dryRun ? 'would be' : 'is';
    const lines = [
      `${service} ${said} reset to ${to}`,
      ...positions.map(({ topic, partition, offset }) => `  forgotten  ${topic}/${partition} at ${offset}`),
      ...internalTopics.map((topic) => `  deleted    ${topic}`),
    ];
    void this.print(`${lines.join('\n')}\n`);
  }
}
