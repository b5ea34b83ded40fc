export * from './api.ts';
export * from './compression.ts';
export {
  CONSUMER_PROTOCOL,
  readAssignment,
  readSubscription,
  writeAssignment,
  writeSubscription,
} from './consumer-protocol.ts';
export * from './control-records.ts';
export * from './crc32c.ts';
export * from './error-codes.ts';
export * as fields from './fields.ts';
export { type Decoded, type Encodable, type Fields, NIL_UUID } from './fields.ts';
export * from './messages/index.ts';
export { int64At, malformed, Reader } from './reader.ts';
export * from './record-batch.ts';
export * from './record-builder.ts';
export * from './record-walker.ts';
export { StoredRecord } from './stored-record.ts';
export { structCodec } from './struct-codec.ts';
export { putInt64, Writer } from './writer.ts';
