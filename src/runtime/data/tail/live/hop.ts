import {
  placeMark,
  sourceHeader,
  sourceHeaderBytes,
  sourceMarkAt,
  sourceOffsetAt,
} from '../../../../shared/relay-headers.ts';
import { int64At } from '../../../protocol/index.ts';
import type { ShownRecord } from '../format.ts';
import type { LivePartition } from './topic-counts.ts';

/** Knows partitions by the id of their topic, which is how a relayed record names where it comes from. */
export class HopTimes {
  readonly #bySource = new Map<string, LivePartition>();

  add(topicId: string | null, partition: LivePartition): void {
    if (topicId === null) return;
    this.#bySource.set(`${topicId.replaceAll('-', '')}/${partition.tail.partition}`, partition);
  }

  /**
   * How long a relayed record took from its edge to the centre, ms: from when this process received it of the edge to when
   * it received the copy of the centre. Both times are of one clock, so clocks that differ between sites do not matter; the
   * error is that of two fetches. NaN when the record is no copy, or when either was not received as soon as it was there.
   */
  of(
    { offset, headers }: Pick<ShownRecord, 'offset' | 'headers'>,
    { arrivals, tail }: LivePartition,
  ): number {
    const received = arrivals.at(offset);
    if (Number.isNaN(received)) return Number.NaN;
    const source = headers.find(({ key }) => key === sourceHeader)?.value;
    if (source?.length !== sourceHeaderBytes) return Number.NaN;
    const bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
    if (bytes.readUInt32BE(sourceMarkAt) !== placeMark(tail.topic, tail.partition)) return Number.NaN;
    const edge = this.#bySource.get(`${bytes.toString('hex', 0, sourceOffsetAt)}/${tail.partition}`);
    if (!edge) return Number.NaN;
    // A fetch of the edge may be answered after the copy is already here.
    return Math.max(0, received - edge.arrivals.at(int64At(bytes, sourceOffsetAt)));
  }
}
