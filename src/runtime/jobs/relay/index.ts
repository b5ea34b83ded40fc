export { createRelay } from './relay.ts';
export type {
  HoldInfo,
  HoldReason,
  RelayInfo,
  RelayOptions,
  RelaySourceInfo,
  RelaySourceSpec,
  RelayTopicInfo,
  SourceState,
} from './types.ts';
