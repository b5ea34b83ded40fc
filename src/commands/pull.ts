import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import type { PulledImage } from '../runtime/stack/pull.ts';

export default class Pull extends DdsCommand<PulledImage[]> {
  static override summary = 'Fetch the container images that the topology needs with the docker engine.';
  static override description =
    'All at once, with progress. dds up --engine docker pulls what is missing by itself; this does it beforehand. Images that are here already are left alone.';
  static override examples = ['<%= config.bin %> pull', '<%= config.bin %> pull --sites 2'];

  static override flags = {
    sites: Flags.integer({ description: 'What the example with so many edge sites needs.' }),
    file: Flags.string({ char: 'f', description: 'Topology file. [default: dds.yaml, when it is there]' }),
  };

  protected override async execute(): Promise<PulledImage[]> {
    const { flags } = await this.parse(Pull);
    const [{ pull }, { runPulls }] = await Promise.all([
      import('../runtime/stack/pull.ts'),
      import('../cli/pull-view.ts'),
    ]);
    const tasks = await pull(flags, this.context);
    return runPulls(tasks, {
      animated: process.stderr.isTTY === true && !this.json,
      note: (line) => this.note(line),
    });
  }

  protected override render(): void {
    // Said while it was done.
  }
}
