import { relative } from 'node:path';
import { Args } from '@oclif/core';
import { terminalAsk } from '../../cli/ask.ts';
import { DdsCommand } from '../../cli/command.ts';
import { listed, ownTemplate, type TemplateList } from '../../cli/init-command.ts';
import { givenAnswers, initOwnFlags, templateFlag, templateFlags } from '../../cli/init-flags.ts';
import { templatesText } from '../../cli/init-view.ts';
import { type InitTopologyResult, initTopology, listTemplates } from '../../runtime/init/index.ts';
import { topologyFileName } from '../../runtime/topology/index.ts';
import { shellQuoted } from '../../shared/shell-quoted.ts';

const args = {
  file: Args.string({ description: 'Where to write it.', default: 'dds.yaml', ignoreStdin: true }),
};

export default class InitTopology extends DdsCommand<InitTopologyResult | TemplateList> {
  static override summary = 'Write the example topology as a commented dds.yaml.';
  static override description =
    'The file is what dds up --sites N builds without one: change it, then run dds up.';
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> lab/dds.yaml --sites 4',
  ];
  static override args = args;
  static override flags = {
    template: templateFlag(listTemplates('topology')),
    ...templateFlags(listTemplates('topology')),
    ...initOwnFlags,
  };

  protected override async execute(): Promise<InitTopologyResult | TemplateList> {
    const own = ownTemplate(this.argv, 'topology', this.context.cwd);
    const templates = own ? [own] : listTemplates('topology');
    const questions = templateFlags(templates);
    const { args: given, flags } = await this.parse({
      args,
      flags: { ...questions, template: templateFlag(templates), ...initOwnFlags },
      baseFlags: DdsCommand.baseFlags,
    });
    if (flags['list-templates']) return listed(templates);
    return initTopology({
      ...{ cwd: this.context.cwd, file: given.file, template: flags.template },
      ...{ given: givenAnswers(flags, Object.keys(questions)), ask: terminalAsk(this.json) },
      ...{ yes: flags.yes, force: flags.force, dryRun: flags['dry-run'] },
    });
  }

  protected override render(result: InitTopologyResult | TemplateList): void {
    if ('templates' in result) return void this.print(templatesText(result, this.paint));
    const { file, sites, dryRun } = result;
    const shown = relative(process.cwd(), file) || file;
    const wrote = dryRun ? 'Would write' : 'Wrote';
    void this.print(`${wrote} ${shown} with the sites ${sites.join(', ')}.\n${next(shown)}`);
  }
}

const next = (shown: string): string =>
  shown === topologyFileName
    ? 'Next, for a job of your own:\n  dds init stream my-job --template reverse\nThen, or at once:\n  dds up\n'
    : `Next: dds up --file ${shellQuoted(shown)}\n`;
