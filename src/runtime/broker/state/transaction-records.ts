/** The records of `__transaction_state` in Kafka's own layout (TransactionLogKey, TransactionLogValue), so that its tools can read them. */
import { Reader, Writer } from '../../protocol/index.ts';
import { NO_EPOCH, NO_PRODUCER_ID, type Transaction, transactionStates } from './transaction.ts';

const KEY_VERSION = 0;
/** The first flexible one. */
const VALUE_VERSION = 1;
const PREVIOUS_PRODUCER_ID = 0;
const NEXT_PRODUCER_ID = 1;
const CLIENT_VERSION = 2;

export function encodeTransactionKey(id: string): Buffer {
  const writer = new Writer(64);
  writer.int16(KEY_VERSION);
  writer.string(id, false);
  return writer.toBuffer();
}

/** Null for a record of a kind that we don't know. */
export function decodeTransactionKey(bytes: Buffer): string | null {
  const reader = new Reader(bytes);
  return reader.int16() === KEY_VERSION ? reader.text(reader.int16()) : null;
}

export function encodeTransaction(transaction: Transaction): Buffer {
  const { producerId, epoch, timeoutMs, state, partitions, updatedAtMs, startedAtMs } = transaction;
  const writer = new Writer(128);
  writer.int16(VALUE_VERSION);
  writer.int64(producerId);
  writer.int16(epoch);
  writer.int32(timeoutMs);
  writer.int8(transactionStates.indexOf(state));
  // Kafka has none where nothing was added.
  if (partitions.size === 0) writer.unsignedVarint(0);
  else {
    writer.unsignedVarint(partitions.size + 1);
    for (const [topic, numbers] of partitions) {
      writer.string(topic, true);
      writer.unsignedVarint(numbers.size + 1);
      for (const partition of numbers) writer.int32(partition);
      writer.unsignedVarint(0);
    }
  }
  writer.int64(updatedAtMs);
  writer.int64(startedAtMs);
  const tags: [number, number, number][] = [];
  const { previousProducerId, nextProducerId, clientVersion } = transaction;
  if (previousProducerId !== NO_PRODUCER_ID) tags.push([PREVIOUS_PRODUCER_ID, 8, previousProducerId]);
  if (nextProducerId !== NO_PRODUCER_ID) tags.push([NEXT_PRODUCER_ID, 8, nextProducerId]);
  if (clientVersion !== 0) tags.push([CLIENT_VERSION, 2, clientVersion]);
  writer.unsignedVarint(tags.length);
  for (const [tag, size, value] of tags) {
    writer.unsignedVarint(tag);
    writer.unsignedVarint(size);
    if (size === 8) writer.int64(value);
    else writer.int16(value);
  }
  return writer.toBuffer();
}

/** Null for a version that we don't write. */
export function decodeTransaction(id: string, bytes: Buffer): Transaction | null {
  const reader = new Reader(bytes);
  if (reader.int16() !== VALUE_VERSION) return null;
  const producerId = reader.int64();
  const epoch = reader.int16();
  const timeoutMs = reader.int32();
  const state = transactionStates[reader.int8()] ?? 'Dead';
  const partitions = new Map<string, Set<number>>();
  for (let left = reader.unsignedVarint() - 1; left > 0; left--) {
    const topic = reader.text(reader.stringLength(true));
    const numbers = new Set<number>();
    for (let more = reader.unsignedVarint() - 1; more > 0; more--) numbers.add(reader.int32());
    reader.skipTags();
    partitions.set(topic, numbers);
  }
  const updatedAtMs = reader.int64();
  const startedAtMs = reader.int64();
  const tags = new Map<number, number>();
  for (let left = reader.unsignedVarint(); left > 0; left--) {
    const tag = reader.unsignedVarint();
    const size = reader.unsignedVarint();
    const end = reader.take(size) + size;
    reader.position = end - size;
    if (size === 8) tags.set(tag, reader.int64());
    else if (size === 2) tags.set(tag, reader.int16());
    reader.position = end;
  }
  return {
    ...{ id, producerId, epoch, timeoutMs, state, partitions, updatedAtMs, startedAtMs },
    lastEpoch: NO_EPOCH,
    previousProducerId: tags.get(PREVIOUS_PRODUCER_ID) ?? NO_PRODUCER_ID,
    nextProducerId: tags.get(NEXT_PRODUCER_ID) ?? NO_PRODUCER_ID,
    clientVersion: tags.get(CLIENT_VERSION) ?? 0,
  };
}
