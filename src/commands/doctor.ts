import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { DdsError } from '../errors/index.ts';
import type { DoctorResult } from '../runtime/stack/doctor.ts';

export default class Doctor extends DdsCommand<DoctorResult> {
  static override summary = 'Check whether this machine has what dds up needs, and say what to do.';
  static override description =
    'Looks at Node.js, memory, Docker, open files, the clock, disk, directories, what killed stacks left, the ports of the topology, and the clusters that it names. Changes nothing. Ends with 0 when there are only warnings, with 3 when dds up would fail.';
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --sites 5 --json',
    '<%= config.bin %> doctor --engine embedded',
  ];
  static override flags = {
    sites: Flags.integer({ description: 'Look at the ports of the example with so many edge sites.' }),
    engine: Flags.string({
      description: 'Look at what this engine needs. [default: embedded]',
      env: 'DDS_ENGINE',
    }),
    file: Flags.string({ char: 'f', description: 'Topology file. [default: dds.yaml, when it is there]' }),
  };

  protected override async execute(): Promise<DoctorResult> {
    const { flags } = await this.parse(Doctor);
    const { doctor } = await import('../runtime/stack/doctor.ts');
    return doctor(flags, this.context);
  }

  protected override render({ checks }: DoctorResult): void {
    const { paint } = this;
    const width = Math.max(...checks.map(({ check }) => check.length));
    const styles = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
    for (const { check, verdict, found, todo } of checks) {
      void this.print(`${paint(styles[verdict], verdict.padEnd(4))}  ${check.padEnd(width)}  ${found}\n`);
      if (todo) void this.print(`${''.padEnd(width + 8)}${todo}\n`);
    }
  }

  protected override verdict({ checks }: DoctorResult): DdsError | null {
    const failed = checks.filter(({ verdict }) => verdict === 'fail');
    if (failed.length === 0) return null;
    const names = failed.map(({ check }) => check).join(', ');
    return new DdsError('DDS_STACK_START', `dds up would fail here: ${names}`, {
      hint: 'Do what is said there, then run dds doctor again.',
    });
  }
}
