import { Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { accessBySite, commaList, jobFlags } from '../../cli/job-flags.ts';
import { recordFlags } from '../../cli/simulate-flags.ts';

export default class RunFleet extends DdsCommand {
  static override summary = 'Let simulated sensors send to a site, without end.';
  static override description =
    'What `dds up` starts for each fleet of dds.yaml. A site that goes away is waited for: what it does not take in ' +
    'time is counted as failed. Serves /metrics, /healthz and /info on --http.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> --site edge-1 --brokers 127.0.0.1:9192 --registry http://127.0.0.1:8181 --rate 100',
  ];
  static override flags = {
    ...jobFlags,
    ...recordFlags,
    name: Flags.string({ description: 'name of the fleet, for logs', default: 'fleet' }),
    sensors: Flags.string({ description: 'how many sensors', default: '10' }),
    rate: Flags.string({ description: 'messages per second of all of them [default: one a second each]' }),
    seed: Flags.string({ description: 'what every random draw comes from', default: '1' }),
  };

  protected override async execute(): Promise<void> {
    const { flags } = await this.parse(RunFleet);
    const { site, brokers, registry, access, http, name, 'log-level': logLevel, ...load } = flags;
    const { runFleet } = await import('../../runtime/data/run-fleet.ts');
    const bySite = await accessBySite(access, this.context.cwd, [site]);
    await runFleet(
      {
        ...{ name, site, brokers: commaList(brokers), registry, http, logLevel },
        access: bySite[site] ?? null,
        load: { ...load, site: undefined },
      },
      this.context.signal,
    );
  }
}
