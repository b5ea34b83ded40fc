import { DdsError } from '../../errors/index.ts';

/** A topology that cannot be: a name used twice, windows without a size, topics that do not fit together. */
export class TopologyError extends DdsError {
  override readonly name = 'TopologyError';

  constructor(message: string) {
    super('DDS_STREAMS_TOPOLOGY', message);
  }
}
