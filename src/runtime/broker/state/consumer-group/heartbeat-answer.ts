import type { KafkaErrorName } from '../../../protocol/index.ts';
import type { Partitions } from './partitions.ts';

export interface HeartbeatAnswer {
  error: KafkaErrorName;
  message?: string;
  memberId?: string;
  memberEpoch?: number;
  heartbeatIntervalMs?: number;
  /** null: as it was. */
  assignment?: Partitions | null;
}

export const refused = (error: KafkaErrorName, message: string): HeartbeatAnswer => ({ error, message });
