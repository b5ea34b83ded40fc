import { Flags } from '@oclif/core';
import { DdsCommand } from '../cli/command.ts';
import { commaList } from '../cli/job-flags.ts';
import { parityText } from '../cli/parity-view.ts';
import { DdsError } from '../errors/index.ts';
import type { ParityResult } from '../runtime/data/parity/parity.ts';

export default class Parity extends DdsCommand<ParityResult> {
  static override summary = 'Compare the answers of the embedded broker with those of Apache Kafka.';
  static override description =
    `It puts one script of requests to both, in every version that both speak, and shows every field in which the answers differ. What is accepted has its reason; anything else ends the command with 4.

Without --against or --sites it starts both sides itself, Apache Kafka in a container, and removes them again. At the sites of a stack the script makes topics and groups of its own (parity-…) and deletes them at the end; the ids of its transactions stay there.`;
  static override examples = [
    '<%= config.bin %> parity',
    '<%= config.bin %> parity --only produce,fetch --json',
    '<%= config.bin %> parity --image apache/kafka:4.4.0',
    '<%= config.bin %> parity --against central',
    '<%= config.bin %> parity --sites edge-1,central',
  ];
  static override flags = {
    against: Flags.string({
      description: 'A site of the running stack to compare with an embedded broker that is started for it.',
      helpValue: 'SITE',
      exclusive: ['sites', 'image'],
    }),
    sites: Flags.string({
      description: 'Two sites of the running stack: the embedded one and the other.',
      helpValue: 'SITE,SITE',
      exclusive: ['image'],
    }),
    image: Flags.string({
      description: 'Image of Apache Kafka to start. [default: that of the docker engine]',
      helpValue: 'IMAGE',
    }),
    only: Flags.string({
      description: 'Parts of the script, separated by commas.',
      helpValue: 'PART',
    }),
    all: Flags.boolean({ description: 'Show the accepted differences too.', default: false }),
  };

  #showsAll = false;

  protected override async execute(): Promise<ParityResult> {
    const { flags } = await this.parse(Parity);
    this.#showsAll = flags.all;
    const { parity } = await import('../runtime/data/parity/parity.ts');
    const { stack, against, image } = flags;
    const [sites, only] = [flags.sites, flags.only].map((list) =>
      list === undefined ? list : commaList(list),
    );
    return parity({ stack, against, image, sites, only }, this.context);
  }

  protected override render(result: ParityResult): void {
    void this.print(parityText(result, this.#showsAll, this.paint));
    for (const name of result.stale) this.note(`accepted, but not met: ${name}`);
  }

  protected override verdict({ unexplained, stale }: ParityResult): DdsError | null {
    if (unexplained === 0) {
      const [first] = stale;
      return first === undefined ? null : new DdsError('DDS_PARITY', `accepted, but not met: ${first}`);
    }
    const what = unexplained === 1 ? '1 difference is' : `${unexplained} differences are`;
    return new DdsError('DDS_PARITY', `${what} not explained`);
  }
}
