import { CONSUMER_PROTOCOL, readSubscription } from '../../protocol/index.ts';
import { ConsumerGroup } from './consumer-group/group.ts';
import type { Group } from './group.ts';

/** Topics by member; null where the bytes are no subscription of a consumer. */
const subscriptionsOf = ({ members, protocolName }: Group): (readonly string[] | null)[] =>
  [...members.values()].map((member) => {
    try {
      return readSubscription(member.metadataOf(protocolName)).topics;
    } catch {
      return null;
    }
  });

/** Not of members that are no consumers, nor of those that are just joining. */
export const isWhatItReadsKnown = (group: Group | ConsumerGroup): boolean =>
  group instanceof ConsumerGroup ||
  (group.protocolType === CONSUMER_PROTOCOL &&
    group.state === 'Stable' &&
    !subscriptionsOf(group).includes(null));

export const isSubscribed = (group: Group | ConsumerGroup, topic: string): boolean =>
  group instanceof ConsumerGroup
    ? group.isSubscribed(topic)
    : subscriptionsOf(group).some((topics) => topics?.includes(topic));
