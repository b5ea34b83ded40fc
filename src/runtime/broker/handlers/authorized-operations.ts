import { NO_AUTHORIZED_OPERATIONS } from '../../protocol/index.ts';

/** Everybody may do everything: what AclEntry.supportedOperations of Apache Kafka allows for each kind, as bits (KIP-430). */
const all = { topic: 3576, cluster: 8096, group: 3400 } as const;

/** What a client may do, told when it asks. */
export const authorizedOperations = (kind: keyof typeof all, isAsked: boolean): number =>
  isAsked ? all[kind] : NO_AUTHORIZED_OPERATIONS;
