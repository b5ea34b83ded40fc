import { Args, Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { changedSiteFlag, siteNames } from '../cli/sites-command.ts';
import type { ProduceResult } from '../runtime/data/produce/produce.ts';

export default class Produce extends DdsCommand<ProduceResult> {
  static override summary = 'Write records from JSON lines.';
  static override description =
    "Each line is a value; Avro is made with the topic's schema when the registry has one, else JSON or text is sent as it is, and null as a tombstone. With - instead of a topic each line is a whole record as dds tail --json prints it. A bad line ends the command: what stands before it is sent, nothing after it.";
  static override examples = [
    `echo '{"name":"Boiler","description":"","location":"Hall 2"}' | <%= config.bin %> <%= command.id %> device-registration --key boiler-1 --site edge-1`,
    '<%= config.bin %> tail device-registration --site edge-1 --from oldest -e --json | <%= config.bin %> <%= command.id %> - --site central',
    '<%= config.bin %> <%= command.id %> temperature-data readings.ndjson --key-field sensor_id --site edge-1 --dry-run',
  ];
  static override args = {
    topic: Args.string({
      description: 'The topic; - when each line is a record of dds tail, with its own topic.',
      required: true,
      ignoreStdin: true,
    }),
    file: Args.string({ description: 'The lines; - is stdin.', default: '-', ignoreStdin: true }),
  };
  static override flags = {
    site: changedSiteFlag,
    key: Flags.string({ char: 'k', description: 'Key of every record.', exclusive: ['key-field'] }),
    'key-field': Flags.string({ description: "The value's field that is its key.", helpValue: 'FIELD' }),
    header: Flags.string({
      char: 'H',
      description: 'A header of every record.',
      helpValue: 'NAME=VALUE',
      multiple: true,
    }),
    partition: Flags.integer({
      char: 'p',
      description: 'Partition of every record. [default: by the key]',
      min: 0,
    }),
    timestamp: Flags.string({
      description: 'Time of every record: @ms or RFC 3339. [default: now]',
      helpValue: 'TIME',
    }),
    text: Flags.boolean({ description: 'Lines are texts, not JSON.' }),
    'skip-bad': Flags.boolean({ description: 'Leave bad lines out, name them on stderr, and go on.' }),
    'dry-run': Flags.boolean({ description: 'Check every line and send nothing.' }),
  };

  protected override async execute(): Promise<ProduceResult> {
    const { args, flags } = await this.parse(Produce);
    const { produce } = await import('../runtime/data/produce/produce.ts');
    if (args.file === '-' && process.stdin.isTTY) this.note('One line a record; Ctrl-D ends.');
    const { key, partition, timestamp, text } = flags;
    const options = {
      ...{ stack: flags.stack, file: args.file, sites: siteNames(flags.site) },
      topic: args.topic === '-' ? null : args.topic,
      ...{ key, partition, timestamp, text, keyField: flags['key-field'], headers: flags.header },
      ...{ skipBad: flags['skip-bad'], dryRun: flags['dry-run'] },
    };
    return produce(options, this.context);
  }

  protected override render({ sent, skipped, sites, dryRun }: ProduceResult): void {
    const where = sites.map((one) => `${one.site} ${one.sent.toLocaleString('en')}`).join(', ');
    const what = dryRun ? `${noun(sent)} fit; nothing was sent` : `${noun(sent)} sent`;
    this.note(`${sent.toLocaleString('en')} ${what}${where ? ` (${where})` : ''}`);
    if (skipped > 0) this.note(`${skipped} bad ${skipped === 1 ? 'line' : 'lines'} left out`);
  }
}

const noun = (count: number) => (count === 1 ? 'record' : 'records');
