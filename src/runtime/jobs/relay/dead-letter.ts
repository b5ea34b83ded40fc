import { deadLetterHeader, deadLetterSuffix } from '../../../shared/dead-letters.ts';
import type { Header, RecordCursor } from '../../kafka/index.ts';
import type { Refusal, SourcePartition } from './source-partition.ts';

/** A record on its way to a dead-letter topic, as it is at the source. */
export interface Letter {
  topic: string;
  partition: number;
  /** At the source. */
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: readonly Header[];
}

/** Large enough for whatever its topic refuses: the default limit of a request. */
export const deadLetterConfigs = { 'max.message.bytes': String(64 << 20) };

export const deadLetterTopic = (target: string) => `${target}${deadLetterSuffix}`;

/** Copies the record that the cursor is at. */
export function letterOf(records: RecordCursor, { topic, partition }: SourcePartition, why: Refusal): Letter {
  const copy = (bytes: Buffer | null) => bytes && Buffer.from(bytes);
  const { offset, timestamp } = records;
  const headers: Header[] = topic.copier
    .headers(records)
    .map(({ key, value }) => ({ key, value: value && Buffer.from(value) }));
  headers.push(
    deadLetterHeader('reason', `${why.reason}: ${why.message}`),
    deadLetterHeader('offset', String(offset)),
    deadLetterHeader('topicId', topic.id ?? ''),
  );
  return {
    ...{ topic: deadLetterTopic(topic.target), partition, offset, timestamp, headers },
    ...{ key: copy(records.key()), value: copy(records.value()) },
  };
}
