import { codeOf, type KafkaErrorName } from '../../protocol/index.ts';

/** PRODUCER_FENCED came late (KIP-588): who does not know it yet is told INVALID_PRODUCER_EPOCH. */
export const fencedCode = (error: KafkaErrorName, knowsFenced = true): number =>
  codeOf(error === 'PRODUCER_FENCED' && !knowsFenced ? 'INVALID_PRODUCER_EPOCH' : error);
