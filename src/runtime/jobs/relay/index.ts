export { createRelay, defaultDelivery } from './relay.ts';
export type {
  DeliveryMode,
  HoldInfo,
  HoldReason,
  RelayInfo,
  RelayOptions,
  RelaySourceInfo,
  RelaySourceSpec,
  RelayTopicInfo,
  SourceState,
} from './types.ts';
