/** A topology that cannot be: a name used twice, windows without a size, topics that do not fit together. */
export class TopologyError extends Error {
  override readonly name = 'TopologyError';
}
