import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../../cli/command.ts';
import { schemaTexts } from '../../cli/schemas-view.ts';
import { siteFlag, siteNames } from '../../cli/sites-command.ts';
import type { ShowSchemaResult } from '../../runtime/data/schemas/show-schema.ts';

export default class SchemasShow extends DdsCommand<ShowSchemaResult> {
  static override summary = 'Show a schema by its subject or its id.';
  static override description =
    'The schema goes to stdout, where it is from to stderr. Sites that differ are shown one after the other.';
  static override examples = [
    '<%= config.bin %> <%= command.id %> temperature-data-value',
    '<%= config.bin %> <%= command.id %> temperature-data-value:1 --site edge-1',
    '<%= config.bin %> <%= command.id %> --id 1 --json',
  ];
  static override args = {
    subject: Args.string({
      description: 'SUBJECT for its latest version, or SUBJECT:VERSION.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    site: siteFlag,
    id: Flags.integer({ description: 'Show the schema with this id.', min: 0 }),
  };

  protected override async execute(): Promise<ShowSchemaResult> {
    const { args, flags } = await this.parse(SchemasShow);
    const { showSchema } = await import('../../runtime/data/schemas/show-schema.ts');
    return showSchema(
      { stack: flags.stack, sites: siteNames(flags.site), subject: args.subject, id: flags.id },
      this.context,
    );
  }

  protected override render(result: ShowSchemaResult): void {
    const { heads, texts } = schemaTexts(result);
    for (const [at, head] of heads.entries()) {
      this.note(head);
      void this.print(texts[at] ?? '');
    }
  }
}
