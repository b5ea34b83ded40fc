export type { QueryAnswer, QueryColumn, QueryLine, QueryParam, QueryRequest } from './query-request.ts';
export type { JsonValue } from './query-values.ts';
export { runSink } from './run-sink.ts';
export { Sink } from './sink.ts';
export type { LatencySummary, SinkInfo, SinkOptions, TopicInfo } from './sink-types.ts';
