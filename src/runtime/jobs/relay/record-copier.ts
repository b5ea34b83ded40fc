import {
  placeMark,
  routeHeader,
  siteHeader,
  sourceHeader,
  sourceHeaderBytes,
  sourceMarkAt,
  sourceOffsetAt,
} from '../../../shared/relay-headers.ts';
import type { Header, RecordCursor } from '../../kafka/index.ts';
import type { Outlet } from './delivery.ts';
import { RouteHeader } from './route-header.ts';
import { type IdMap, passAsIs } from './schema-translator.ts';
import { topicIdBytes } from './topic-id.ts';

/** What stopped a walk before the end of the fetched records. */
export type Stop = { offset: number } & (
  | { why: 'unknown-id'; id: number; side: 'key' | 'value' }
  | { why: 'limit' }
  | { why: 'refused' }
  | { why: 'unreadable'; error: Error }
);

export interface CopyResult {
  /** Records appended to the producer. */
  appended: number;
  /** Records left out because they were at the target site before. */
  looped: number;
  bytes: number;
  /** Of the last record appended; -1 when there was none. */
  lastTimestamp: number;
  /** Offset after the last record walked. */
  next: number;
  /** Null when all were walked. */
  stop: Stop | null;
}

export interface CopyRange {
  /** Most records to append. */
  limit?: number | undefined;
  /** A record to stop before; the cursor is at it then. */
  refusedAt?: number | undefined;
}

export interface CopierOptions {
  sourceSite: string;
  targetSite: string;
  sourceTopicId: string | null;
  targetTopic: string;
  /** Source id → target id; `passAsIs` leaves the id alone. */
  keyIds: IdMap;
  valueIds: IdMap;
}

/**
 * Appends fetched records of one topic to the target's producer, schema ids translated and headers added. The ids are
 * patched where they lie in the fetched bytes and the headers' values are used again for every record, because `append`
 * copies: nothing is allocated per record but the views.
 */
export class RecordCopier {
  readonly #options: CopierOptions;
  readonly #targetSite: Buffer;
  readonly #siteHeader: Header;
  readonly #route: RouteHeader;
  readonly #sourceHeader: Header & { value: Buffer };
  readonly #addedHeaders: readonly Header[];

  constructor(options: CopierOptions) {
    this.#options = options;
    this.#targetSite = Buffer.from(options.targetSite);
    this.#siteHeader = { key: siteHeader, value: Buffer.from(options.sourceSite) };
    const source = Buffer.alloc(sourceHeaderBytes);
    topicIdBytes(options.sourceTopicId).copy(source);
    this.#sourceHeader = { key: sourceHeader, value: source };
    this.#route = new RouteHeader(options.sourceSite, options.targetSite);
    this.#addedHeaders = [this.#siteHeader, this.#route.first, this.#sourceHeader];
  }

  /**
   * Appends records, each with its source offset as the tag. Not twice over the same bytes: their ids are patched. Never
   * throws: bytes that can't be read stop the walk at the record after the last good one.
   */
  copy(
    outlet: Outlet,
    records: RecordCursor,
    partition: number,
    from: number,
    range: CopyRange = {},
  ): CopyResult {
    const result: CopyResult = {
      appended: 0,
      looped: 0,
      bytes: 0,
      lastTimestamp: -1,
      next: from,
      stop: null,
    };
    try {
      this.#walk(outlet, records, partition, range, result);
    } catch (error) {
      result.stop = { why: 'unreadable', offset: result.next, error: error as Error };
    }
    return result;
  }

  #walk(
    outlet: Outlet,
    records: RecordCursor,
    partition: number,
    { limit = Number.POSITIVE_INFINITY, refusedAt = -1 }: CopyRange,
    result: CopyResult,
  ): void {
    const { targetTopic, keyIds, valueIds } = this.#options;
    this.#sourceHeader.value.writeUInt32BE(placeMark(targetTopic, partition), sourceMarkAt);
    while (records.next()) {
      const { offset } = records;
      if (result.appended >= limit) {
        result.stop = { why: 'limit', offset };
        return;
      }
      if (records.header(siteHeader)?.equals(this.#targetSite) || this.#route.isLoop(records)) {
        result.looped++;
        result.next = offset + 1;
        continue;
      }
      if (offset === refusedAt) {
        result.stop = { why: 'refused', offset };
        return;
      }
      const key = records.key();
      const value = records.value();
      const keyId = wireIdOf(key);
      const valueId = wireIdOf(value);
      const newKeyId = keyId === noId ? passAsIs : keyIds.get(keyId);
      const newValueId = valueId === noId ? passAsIs : valueIds.get(valueId);
      if (newKeyId === undefined || newValueId === undefined) {
        result.stop =
          newKeyId === undefined
            ? { why: 'unknown-id', offset, id: keyId, side: 'key' }
            : { why: 'unknown-id', offset, id: valueId, side: 'value' };
        return;
      }
      if (newKeyId !== passAsIs) key!.writeInt32BE(newKeyId, 1);
      if (newValueId !== passAsIs) value!.writeInt32BE(newValueId, 1);
      const { timestamp } = records;
      outlet.append(targetTopic, partition, key, value, timestamp, this.headers(records), offset);
      result.appended++;
      result.bytes += records.size;
      result.lastTimestamp = timestamp;
      result.next = offset + 1;
    }
  }

  /** The headers that the cursor's record has at the target. Their values are views, valid until the next call. */
  headers(records: RecordCursor): readonly Header[] {
    writeOffset(this.#sourceHeader.value, records.offset);
    const headers = records.headers();
    if (headers.length === 0) return this.#addedHeaders;
    const kept = headers.filter(({ key }) => key !== sourceHeader && key !== routeHeader);
    if (!kept.some(({ key }) => key === siteHeader)) kept.push(this.#siteHeader);
    kept.push(this.#route.next(records), this.#sourceHeader);
    return kept;
  }
}

/** Beyond int32: no schema has it. */
const noId = 2 ** 32;

/** The schema id of bytes that look like Confluent's wire format, else `noId`. */
function wireIdOf(bytes: Buffer | null): number {
  if (bytes === null || bytes.length < 5 || bytes[0] !== 0) return noId;
  return bytes.readInt32BE(1);
}

function writeOffset(value: Buffer, offset: number): void {
  value.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), sourceOffsetAt);
  value.writeUInt32BE(offset >>> 0, sourceOffsetAt + 4);
}
