import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { type EnvironmentFormat, environmentFormats, environmentText } from '../cli/environment-view.ts';
import type { EnvironmentResult } from '../runtime/stack/environment.ts';

export default class Env extends DdsCommand<EnvironmentResult> {
  static override summary = 'Print where a site can be reached, as a shell, a program or kcat wants it.';
  static override description =
    'Without --site it is the central site, or the first one. The variables are DDS_SITE, DDS_BROKERS and DDS_REGISTRY, ' +
    'as jobs in dds.yaml get them, and the names that Kafka programs commonly read.';
  static override examples = [
    'eval "$(<%= config.bin %> env --site edge-1)"',
    '<%= config.bin %> env --format dotenv > .env',
    '<%= config.bin %> env --format kcat > kcat.conf',
    '<%= config.bin %> env --format properties > client.properties',
  ];
  static override flags = {
    site: Flags.string({
      char: 's',
      description: 'The site. [default: central, else the first]',
      helpValue: 'SITE',
    }),
    format: Flags.option({
      description: 'How to write it.',
      options: environmentFormats,
      default: 'shell' as const,
    })(),
  };

  #format: EnvironmentFormat = 'shell';

  protected override async execute(): Promise<EnvironmentResult> {
    const { flags } = await this.parse(Env);
    this.#format = flags.format;
    const { environment } = await import('../runtime/stack/environment.ts');
    return environment(flags, this.context);
  }

  protected override render(result: EnvironmentResult): void {
    if (result.chosen) this.note(`These are for the site ${result.site}; --site takes another.`);
    void this.print(environmentText(result, this.#format));
  }
}
