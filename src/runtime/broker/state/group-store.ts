import type { Clock } from '../../../shared/clock.ts';
import {
  BatchBuilder,
  markerOf,
  type RecordBatch,
  RecordWalker,
  TRANSACTIONAL,
} from '../../protocol/index.ts';
import type { StoredRecord } from './consumer-group/records.ts';
import type { Group } from './group.ts';
import {
  type CommittedOffset,
  decodeGroup,
  decodeKey,
  decodeOffset,
  encodeGroup,
  encodeKey,
  encodeOffset,
  type GroupRecordKey,
  type GroupSnapshot,
} from './group-records.ts';
import { OFFSETS_TOPIC } from './topic-names.ts';
import type { Topics } from './topics.ts';

export interface StoredOffset {
  topic: string;
  partition: number;
  /** Null deletes it. */
  committed: CommittedOffset | null;
}

/** Whose transaction offsets belong to. */
export interface OffsetsProducer {
  readonly producerId: number;
  readonly epoch: number;
}

/** Told what was saved, in order. */
export interface GroupReplay {
  onOffset(group: string, offset: StoredOffset): void;
  /** It counts from when the producer's transaction is committed. */
  onPending(producerId: number, group: string, offset: StoredOffset): void;
  onEnd(producerId: number, isCommit: boolean): void;
  onGroup(group: string, snapshot: GroupSnapshot | null): void;
  /** A record of another kind: of the consumer protocol. */
  onOther(record: StoredRecord): void;
}

/** Groups and their offsets as records of the compacted topic `__consumer_offsets`, created when first needed. */
export class GroupStore {
  readonly #topics: Topics;
  readonly #clock: Clock;

  constructor(topics: Topics, clock: Clock) {
    this.#topics = topics;
    this.#clock = clock;
  }

  /** Gives them their place in the log. False, here and below, when the disk does not take it. */
  saveOffsets(
    group: string,
    offsets: readonly StoredOffset[],
    producer: OffsetsProducer | null = null,
  ): boolean {
    const baseOffset = this.#append(
      offsets.map(({ topic, partition, committed }) => [
        { kind: 'offset', group, topic, partition },
        committed ? encodeOffset(committed) : null,
      ]),
      producer,
    );
    if (baseOffset === null) return false;
    for (const [i, { committed }] of offsets.entries())
      if (committed) committed.recordOffset = baseOffset + i;
    return true;
  }

  saveGroup(group: Group): boolean {
    return this.append([this.groupRecord(group)]) !== null;
  }

  groupRecord(group: Group): StoredRecord {
    const value = encodeGroup({
      protocolType: group.protocolType ?? '',
      generationId: group.generationId,
      protocolName: group.protocolName,
      leaderId: group.leaderId,
      stateSinceMs: group.stateSinceMs,
      members: group.members.values(),
    });
    return [encodeKey({ kind: 'group', group: group.id }), value];
  }

  deleteGroup(group: string): boolean {
    return this.append([this.groupTombstone(group)]) !== null;
  }

  groupTombstone(group: string): StoredRecord {
    return [encodeKey({ kind: 'group', group }), null];
  }

  #append(records: [GroupRecordKey, Buffer | null][], producer?: OffsetsProducer | null): number | null {
    return this.append(
      records.map(([key, value]) => [encodeKey(key), value]),
      producer,
    );
  }

  /** The offset of the first one; null when the disk does not take them. */
  append(records: readonly StoredRecord[], producer: OffsetsProducer | null = null): number | null {
    if (records.length === 0) return -1;
    const nowMs = this.#clock.now();
    const builder = new BatchBuilder();
    for (const [key, value] of records) builder.append(key, value, nowMs);
    const log = this.#topics.ownLog(OFFSETS_TOPIC);
    const attributes = producer
      ? { attributes: TRANSACTIONAL, producerId: producer.producerId, producerEpoch: producer.epoch }
      : {};
    const written = log?.appendTrusted(builder.build(attributes), nowMs);
    return written?.ok ? written.baseOffset : null;
  }

  /** Resolves when all that was saved survives a loss of power. */
  async sync(): Promise<void> {
    await this.#topics.ownLog(OFFSETS_TOPIC)?.log.sync();
  }

  /** Reads back all that was saved, in order. */
  replay(told: GroupReplay): void {
    const log = this.#topics.partition(OFFSETS_TOPIC, 0);
    if (!log) return;
    for (const batch of log.log.batches(log.startOffset)) {
      if (batch.isControl) {
        const marker = markerOf(batch);
        if (marker) told.onEnd(marker.producerId, marker.isCommit);
      } else replayBatch(batch, told);
    }
  }
}

function replayBatch(batch: RecordBatch, told: GroupReplay): void {
  const records = new RecordWalker(batch.bytes);
  while (records.next()) {
    const bytes = records.key();
    if (!bytes) continue;
    const key = decodeKey(bytes);
    const value = records.value();
    if (!key) {
      told.onOther([bytes, value]);
      continue;
    }
    if (key.kind === 'group') told.onGroup(key.group, value ? decodeGroup(value) : null);
    else {
      const { topic, partition, group } = key;
      const committed = value ? decodeOffset(value, records.offset) : null;
      if (batch.isTransactional) told.onPending(batch.producerId, group, { topic, partition, committed });
      else told.onOffset(group, { topic, partition, committed });
    }
  }
}
