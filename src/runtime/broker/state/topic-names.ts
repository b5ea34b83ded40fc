import { randomBytes } from 'node:crypto';

export const OFFSETS_TOPIC = '__consumer_offsets';
export const TRANSACTIONS_TOPIC = '__transaction_state';
const TOPIC_NAME = /^[a-zA-Z0-9._-]{1,249}$/;

/** Whether the broker itself keeps its state in a topic of this name, whether it is there or not. */
export const isBrokerTopic = (name: string): boolean => name === OFFSETS_TOPIC || name === TRANSACTIONS_TOPIC;

export const isTopicName = (name: string): boolean => TOPIC_NAME.test(name) && name !== '.' && name !== '..';

/** KIP-516. */
export function newTopicId(): string {
  const hex = randomBytes(16).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
