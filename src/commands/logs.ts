import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { commaList } from '../cli/job-flags.ts';
import type { Paint } from '../cli/streams.ts';
import type { LogLine } from '../runtime/stack/logs.ts';
import { logFacts, logSeverity, logTime } from '../shared/log-text.ts';
import { parseSince } from '../shared/parse-time.ts';

export default class Logs extends DdsCommand {
  static override summary = 'Show what the services have logged; it works after dds down, too.';
  static override strict = false;
  static override usage = 'logs [SERVICE...] [-f] [-n LINES] [--since TIME] [--site SITE]';
  static override examples = [
    '<%= config.bin %> logs -f',
    '<%= config.bin %> logs --since 5m --site edge-1',
    '<%= config.bin %> logs edge-1/sink central -n 20',
    '<%= config.bin %> logs supervisor --json',
  ];

  static override flags = {
    follow: Flags.boolean({ char: 'f', description: 'Go on with new lines, until Ctrl-C or dds down.' }),
    lines: Flags.integer({
      char: 'n',
      min: 0,
      description: 'How many of the last lines. [default: 100, with --since all]',
    }),
    since: Flags.string({
      description: 'Only lines since then: 5m, 2h, or a time such as 2026-01-31T08:00:00Z.',
      helpValue: 'TIME',
    }),
    site: Flags.string({
      char: 's',
      description: 'Sites, separated by commas. [default: all]',
      helpValue: 'SITE',
    }),
  };

  protected override async execute(): Promise<void> {
    const { flags, argv } = await this.parse(Logs);
    const { logs } = await import('../runtime/stack/logs.ts');
    const { paint, context } = this;
    const { lines, follow, since, site, stack } = flags;
    const services = [...(argv as string[]), ...commaList(site ?? '').filter((name) => name !== 'all')];
    const sinceMs = since === undefined ? undefined : parseSince(since, '--since', context.clock.now());
    for await (const line of logs({ stack, services, lines, follow, sinceMs }, context)) {
      if (context.signal.aborted) break;
      await this.print(this.json ? `${JSON.stringify(line)}\n` : lineText(line, paint));
    }
  }
}

/** `21:04:05.123  edge-1/sink  warn  message  key=value …` */
function lineText({ time, service, level, message, fields }: LogLine, paint: Paint): string {
  const severity = logSeverity[level];
  const facts = logFacts(fields);
  return `${[
    paint('dim', logTime(time)),
    paint('cyan', service),
    severity ? paint(severity === 'bad' ? 'red' : 'yellow', level) : level,
    message,
    ...(facts ? [paint('dim', facts)] : []),
  ].join('  ')}\n`;
}
