import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { faultsTable } from '../../cli/faults-view.ts';
import { changedSiteFlag, siteNames } from '../../cli/sites-command.ts';
import { faultRule } from '../../runtime/data/faults/fault-rule.ts';
import type { FaultsResult } from '../../runtime/data/faults/faults.ts';

export default class FaultAdd extends DdsCommand<FaultsResult> {
  static override summary = 'Let requests to the Kafka of an embedded site be delayed, refused or cut off.';
  static override description =
    'A request that fits everything that is named meets the fault; the first rule that hits decides. Rules last until dds fault clear, or until the site is started again. Errors are named as in Kafka.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --site edge-1 --api Produce --topic temperature-data --delay 200ms --times 5',
    '<%= config.bin %> <%= command.id %> --site edge-1 --api Produce --error NOT_LEADER_OR_FOLLOWER --nth 3',
    '<%= config.bin %> <%= command.id %> --site central --api Produce --drop answer --probability 1% --seed 7 --times 3',
  ];
  static override flags = {
    site: changedSiteFlag,
    api: Flags.string({
      description: 'Kafka API by name, such as Produce, Fetch, Heartbeat.',
      helpValue: 'NAME',
    }),
    topic: Flags.string({
      description: 'Requests that name it: a name, glob or /regex/.',
      helpValue: 'GLOB',
    }),
    partition: Flags.integer({ description: 'Requests that name the partition.', min: 0, helpValue: 'N' }),
    client: Flags.string({ description: 'Client id: a name, glob or /regex/.', helpValue: 'GLOB' }),
    nth: Flags.integer({ description: 'Only the nth request that fits.', min: 1, helpValue: 'N' }),
    probability: Flags.string({
      description: 'A share of those that fit, such as 10% or 0.1.',
      helpValue: 'SHARE',
    }),
    seed: Flags.integer({
      description: 'What the share is drawn from. [default: 1]',
      min: 0,
      helpValue: 'N',
    }),
    times: Flags.integer({ description: 'The fault is over after so many.', min: 1, helpValue: 'N' }),
    delay: Flags.string({
      description: 'Answer so much later: 200ms, 2s.',
      helpValue: 'TIME',
      exclusive: ['error', 'drop'],
    }),
    error: Flags.string({
      description: 'Do nothing and answer with this error.',
      helpValue: 'NAME',
      exclusive: ['drop'],
    }),
    drop: Flags.option({
      description: 'Close the connection: before the request is done, or after it instead of the answer.',
      options: ['request', 'answer'] as const,
    })(),
  };

  protected override async execute(): Promise<FaultsResult> {
    const { flags } = await this.parse(FaultAdd);
    const { stack, site, ...fault } = flags;
    const rule = faultRule(fault);
    const { addFault } = await import('../../runtime/data/faults/faults.ts');
    return addFault({ stack, sites: siteNames(site), rule }, this.context);
  }

  protected override render(result: FaultsResult): void {
    void this.print(faultsTable(result, this.paint));
  }
}
