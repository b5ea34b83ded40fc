import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import type { Paint } from '../cli/streams.ts';
import type { LogLine } from '../runtime/stack/logs.ts';

export default class Logs extends DdsCommand {
  static override summary = 'Show what the services have logged; it works after dds down, too.';
  static override strict = false;
  static override usage = 'logs [SERVICE...] [-f] [-n LINES]';
  static override examples = [
    '<%= config.bin %> logs -f',
    '<%= config.bin %> logs edge-1/sink central -n 20',
    '<%= config.bin %> logs supervisor --json',
  ];

  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'Go on with new lines, until Ctrl-C or dds down.' }),
    lines: Flags.integer({ char: 'n', min: 0, default: 100, description: 'How many of the last lines.' }),
  };

  protected override async execute(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const { logs } = await import('../runtime/stack/logs.ts');
    const { paint, context } = this;
    for await (const line of logs({ ...flags, services: argv as string[] }, context)) {
      if (context.signal.aborted) break;
      await this.print(this.json ? `${JSON.stringify(line)}\n` : lineText(line, paint));
    }
  }
}

const levelStyles = { warn: 'yellow', error: 'red', fatal: 'red' } as const;

/** `21:04:05.123  edge-1/sink  warn  message  key=value …` */
function lineText({ time, service, level, message, fields }: LogLine, paint: Paint): string {
  const style = levelStyles[level as keyof typeof levelStyles];
  const facts = Object.entries(fields).map(([key, value]) => `${key}=${plain(value)}`);
  return `${[
    paint('dim', time ? time.slice(11, 23) : '–'.padEnd(12)),
    paint('cyan', service),
    style ? paint(style, level) : level,
    message,
    ...(facts.length > 0 ? [paint('dim', facts.join(' '))] : []),
  ].join('  ')}\n`;
}

const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
