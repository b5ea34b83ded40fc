export { type AvroType, avroType, createWireEncoder, encodeWire } from './avro.ts';
export { AvroDecoder, type Decoded, readWire, type WriterSchema } from './avro-decoder.ts';
export { type PlainJson, toPlainJson } from './plain-json.ts';
export {
  createRegistryClient,
  type RegisteredSchema,
  type RegistryClient,
  type RegistryClientOptions,
  type SchemaReference,
  type SchemaType,
  type SubjectVersion,
} from './registry-client.ts';
export type { RegistrySettings } from './registry-http.ts';
export {
  type ThesisRecord,
  type ThesisTopic,
  thesisRecords,
  thesisSchema,
  thesisSchemaPath,
  thesisTopics,
} from './thesis-schemas.ts';
export { readWireId, wireHeaderBytes, withWireId, writeWireHeader } from './wire.ts';
