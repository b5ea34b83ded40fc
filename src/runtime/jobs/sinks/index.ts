export type {
  CountRequest,
  JsonValue,
  QueryAnswer,
  QueryColumn,
  QueryLine,
  QueryParam,
  QueryRequest,
} from './query-request.ts';
export { runSink } from './run-sink.ts';
export { Sink } from './sink.ts';
export type { LatencySummary, SinkInfo, SinkOptions, TopicInfo } from './sink-types.ts';
export type { SinkStore, StoreInfo } from './store.ts';
export type { StoredTable, StoredTables, TableCount } from './stored-tables.ts';
