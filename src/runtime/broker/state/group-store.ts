import type { Clock } from '../../../shared/clock.ts';
import { BatchBuilder, RecordWalker } from '../../protocol/index.ts';
import type { StorageHealth } from '../storage/health.ts';
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
import type { PartitionLog } from './partition-log.ts';
import { OFFSETS_TOPIC, type Topics } from './topics.ts';

/** Small, so that the part that compaction never touches, and every start reads, stays small. */
const OFFSETS_TOPIC_CONFIGS = { 'cleanup.policy': 'compact', 'segment.bytes': String(16 * 1024 * 1024) };

export interface StoredOffset {
  topic: string;
  partition: number;
  /** Null deletes it. */
  committed: CommittedOffset | null;
}

/** Groups and their offsets as records of the compacted topic `__consumer_offsets`, created when first needed. */
export class GroupStore {
  readonly #topics: Topics;
  readonly #clock: Clock;
  readonly #health: StorageHealth;

  constructor(topics: Topics, clock: Clock, health: StorageHealth) {
    this.#topics = topics;
    this.#health = health;
    this.#clock = clock;
  }

  get #log(): PartitionLog {
    const topic =
      this.#topics.get(OFFSETS_TOPIC) ?? this.#topics.create(OFFSETS_TOPIC, 1, OFFSETS_TOPIC_CONFIGS);
    return topic.partitions[0]!;
  }

  /** False, here and below, when the disk does not take it. */
  saveOffsets(group: string, offsets: readonly StoredOffset[]): boolean {
    return this.#append(
      offsets.map(({ topic, partition, committed }) => [
        { kind: 'offset', group, topic, partition },
        committed ? encodeOffset(committed) : null,
      ]),
    );
  }

  saveGroup(group: Group): boolean {
    const value = encodeGroup({
      protocolType: group.protocolType ?? '',
      generationId: group.generationId,
      protocolName: group.protocolName,
      leaderId: group.leaderId,
      stateSinceMs: group.stateSinceMs,
      members: group.members.values(),
    });
    return this.#append([[{ kind: 'group', group: group.id }, value]]);
  }

  deleteGroup(group: string): boolean {
    return this.#append([[{ kind: 'group', group }, null]]);
  }

  #append(records: [GroupRecordKey, Buffer | null][]): boolean {
    return this.append(records.map(([key, value]) => [encodeKey(key), value]));
  }

  append(records: readonly StoredRecord[]): boolean {
    if (records.length === 0) return true;
    const nowMs = this.#clock.now();
    const builder = new BatchBuilder();
    for (const [key, value] of records) builder.append(key, value, nowMs);
    const log = this.#health.attempt(OFFSETS_TOPIC, () => this.#log);
    return log?.appendTrusted(builder.build(), nowMs).ok ?? false;
  }

  /** Resolves when all that was saved survives a loss of power. */
  sync(): Promise<void> {
    return this.#log.log.sync();
  }

  /** Reads back all that was saved, in order. */
  replay(
    onOffset: (group: string, offset: StoredOffset) => void,
    onGroup: (group: string, snapshot: GroupSnapshot | null) => void,
    onOther: (record: StoredRecord) => void,
  ): void {
    const log = this.#topics.partition(OFFSETS_TOPIC, 0);
    if (!log) return;
    for (const batch of log.log.batches(log.startOffset)) {
      const records = new RecordWalker(batch.bytes);
      while (records.next()) {
        const bytes = records.key();
        if (!bytes) continue;
        const key = decodeKey(bytes);
        const value = records.value();
        if (!key) {
          onOther([bytes, value]);
          continue;
        }
        if (key.kind === 'group') onGroup(key.group, value ? decodeGroup(value) : null);
        else {
          const { topic, partition } = key;
          onOffset(key.group, { topic, partition, committed: value ? decodeOffset(value) : null });
        }
      }
    }
  }
}
