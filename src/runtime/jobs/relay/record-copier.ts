import type { Header, Producer, RecordCursor } from '../../kafka/index.ts';
import { type IdMap, passAsIs } from './schema-translator.ts';
import { topicIdBytes } from './topic-id.ts';

/** What stopped a walk before the end of the fetched records. */
export type Stop = { offset: number } & (
  | { why: 'unknown-id'; id: number; side: 'key' | 'value' }
  | { why: 'limit' }
  | { why: 'unreadable'; error: Error }
);

export interface CopyResult {
  /** Records appended to the producer. */
  appended: number;
  /** Records left out because they came from the target site. */
  looped: number;
  bytes: number;
  /** Of the last record appended; -1 when there was none. */
  lastTimestamp: number;
  /** Offset after the last record walked. */
  next: number;
  /** Null when all were walked. */
  stop: Stop | null;
}

export interface CopierOptions {
  producer: Producer;
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
  readonly #sourceHeader: Header & { value: Buffer };
  readonly #addedHeaders: readonly Header[];

  constructor(options: CopierOptions) {
    this.#options = options;
    this.#targetSite = Buffer.from(options.targetSite);
    this.#siteHeader = { key: 'dds-site', value: Buffer.from(options.sourceSite) };
    const source = Buffer.alloc(24);
    topicIdBytes(options.sourceTopicId).copy(source);
    this.#sourceHeader = { key: 'dds-source', value: source };
    this.#addedHeaders = [this.#siteHeader, this.#sourceHeader];
  }

  /**
   * Appends at most `limit` records, each with its source offset as the tag. Not twice over the same bytes: their ids are
   * patched. Never throws: bytes that can't be read stop the walk at the record after the last good one.
   */
  copy(records: RecordCursor, partition: number, from: number, limit = Number.POSITIVE_INFINITY): CopyResult {
    const result: CopyResult = {
      appended: 0,
      looped: 0,
      bytes: 0,
      lastTimestamp: -1,
      next: from,
      stop: null,
    };
    try {
      this.#walk(records, partition, limit, result);
    } catch (error) {
      result.stop = { why: 'unreadable', offset: result.next, error: error as Error };
    }
    return result;
  }

  #walk(records: RecordCursor, partition: number, limit: number, result: CopyResult): void {
    const { producer, targetTopic, keyIds, valueIds } = this.#options;
    while (records.next()) {
      const { offset } = records;
      if (result.appended >= limit) {
        result.stop = { why: 'limit', offset };
        return;
      }
      const site = records.header('dds-site');
      if (site?.equals(this.#targetSite)) {
        result.looped++;
        result.next = offset + 1;
        continue;
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
      writeOffset(this.#sourceHeader.value, offset);
      producer.append(targetTopic, partition, key, value, timestamp, this.#headers(records), offset);
      result.appended++;
      result.bytes += records.size;
      result.lastTimestamp = timestamp;
      result.next = offset + 1;
    }
  }

  #headers(records: RecordCursor): readonly Header[] {
    const headers = records.headers();
    if (headers.length === 0) return this.#addedHeaders;
    const kept = headers.filter(({ key }) => key !== 'dds-source');
    if (!kept.some(({ key }) => key === 'dds-site')) kept.push(this.#siteHeader);
    kept.push(this.#sourceHeader);
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
  value.writeUInt32BE(Math.floor(offset / 0x1_0000_0000), 16);
  value.writeUInt32BE(offset >>> 0, 20);
}
