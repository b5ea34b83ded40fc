import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { siteTable } from '../cli/stack-table.ts';
import { changeText, planText } from '../cli/up-plan-view.ts';
import { DdsError } from '../errors/index.ts';
import type { StackEvent } from '../runtime/stack/types.ts';
import type { UpResult } from '../runtime/stack/up.ts';
import type { UpPlan } from '../runtime/stack/up-plan.ts';

export default class Up extends DdsCommand<UpResult | UpPlan> {
  static override summary = 'Start a stack: every site with its Kafka, registry and database, and all jobs.';
  static override description =
    'Takes the topology from dds.yaml; without one, or with --sites, it builds the example of the thesis. The stack goes on running after the command has ended; dds down stops it. On a running stack only what dds.yaml changed is touched: the plan is printed, services that stay the same keep their processes, and when a step fails the stack goes back to what it was. Ctrl-C before it is ready stops everything again.';
  static override examples = [
    '<%= config.bin %> up --sites 2',
    '<%= config.bin %> up --ports auto --stack try',
    '<%= config.bin %> up --file plant.yaml --json',
    '<%= config.bin %> up --sites 3 --dry-run',
  ];

  static override flags = {
    sites: Flags.integer({ description: 'Number of edge sites of the example, 1 to 20.' }),
    engine: Flags.string({
      description:
        'What provides the clusters of sites that do not say it themselves: embedded, docker or external. [default: embedded]',
      env: 'DDS_ENGINE',
    }),
    ports: Flags.option({
      description: 'Take free ports instead of those of the topology.',
      options: ['auto'] as const,
    })(),
    'dry-run': Flags.boolean({ description: 'Say what would be started, and start nothing.' }),
    file: Flags.string({ char: 'f', description: 'Topology file. [default: dds.yaml, when it is there]' }),
  };

  protected override async execute(): Promise<UpResult | UpPlan> {
    const { flags } = await this.parse(Up);
    const { sites, engine, ports, file, stack } = flags;
    if (flags['dry-run']) {
      const { planUp } = await import('../runtime/stack/up-plan.ts');
      return planUp({ sites, engine, ports, file, stack }, this.context);
    }
    const { up } = await import('../runtime/stack/up.ts');
    try {
      return await up(
        { sites, engine, ports, file, stack, onEvent: (event) => this.#show(event) },
        this.context,
      );
    } catch (error) {
      if (error instanceof DdsError && Array.isArray(error.details?.log)) {
        for (const line of error.details.log) this.note(this.paintStderr('dim', `  ${line}`));
      }
      throw error;
    }
  }

  #show(event: StackEvent): void {
    if (event.type === 'plan') for (const change of event.changes) this.note(changeText(change));
    if (event.type !== 'check' && event.type !== 'service') return;
    if (event.message === 'starting') return;
    const said =
      event.type === 'check' ? `${event.site}: ${event.message}` : `${event.service} ${event.message}`;
    const seconds = this.paintStderr('dim', `${(event.elapsedMs / 1000).toFixed(1)} s`);
    this.note(`${said}  ${seconds}`);
  }

  protected override render(result: UpResult | UpPlan): void {
    if ('running' in result) return void this.print(planText(result));
    const { started, elapsedMs, changes, status } = result;
    const { stack, sites } = status;
    const seconds = (elapsedMs / 1000).toFixed(1);
    const touched = changes.some(({ action }) => action !== 'keep');
    if (started) this.note(`The stack "${stack}" is ready after ${seconds} s.`);
    else if (touched) this.note(`The stack "${stack}" was changed; it is ready after ${seconds} s.`);
    else this.note(`The stack "${stack}" is running already; nothing was changed.`);
    void this.print(siteTable(sites, this.paint));
  }
}
