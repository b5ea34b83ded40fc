import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { demoText } from '../cli/demo-view.ts';
import { DdsError } from '../errors/index.ts';
import type { DemoResult } from '../runtime/data/demo.ts';

export default class Demo extends DdsCommand<DemoResult> {
  static override summary = 'Show the whole path: two edges, a centre, 20,000 readings, and what arrived.';
  static override description =
    'Starts a stack in a directory of its own on free ports, registers 100 sensors, sends 2,000 readings a second for 10 s, lets an oven get too hot for a moment, which the detector finds and the notifier tells, waits until the central database has all readings, and counts. Nothing is left afterwards, unless --keep. Exit code 4 when a reading was lost or doubled, or a message is missing or came twice.';
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --keep'];
  static override flags = {
    keep: Flags.boolean({ description: 'Leave the stack running.' }),
    rate: Flags.integer({
      description: 'Readings a second, of all sensors.',
      default: 2000,
      min: 1,
      max: 50_000,
    }),
    engine: Flags.string({
      description: 'What provides the clusters: embedded or docker. [default: embedded]',
      env: 'DDS_ENGINE',
    }),
    seconds: Flags.integer({ description: 'How long to send.', default: 10, min: 1, max: 600 }),
  };

  protected override async execute(): Promise<DemoResult> {
    const { flags } = await this.parse(Demo);
    const { demo } = await import('../runtime/data/demo.ts');
    return demo(flags, this.context);
  }

  protected override render(result: DemoResult): void {
    void this.print(demoText(result, this.paint));
  }

  protected override verdict({ lost, doubled, messages }: DemoResult): DdsError | null {
    if (lost > 0 || doubled > 0)
      return new DdsError('DDS_CHECK_FAILED', `${lost} readings lost, ${doubled} doubled`);
    if (messages.length === 2) return null;
    return new DdsError(
      'DDS_CHECK_FAILED',
      `the notifier said ${messages.length} messages of the oven, not 2`,
      {
        hint: 'Keep the stack with dds demo --keep, and look at dds logs central/notifier and edge-1/detector.',
      },
    );
  }
}
