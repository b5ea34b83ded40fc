import { readSubscription } from '../../protocol/index.ts';
import { ConsumerGroup } from './consumer-group/group.ts';
import type { Group } from './group.ts';

/** Topics by member; null where the bytes are no subscription of a consumer. */
export const subscriptionsOf = ({ members, protocolName }: Group): (readonly string[] | null)[] =>
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
  (group.protocolType === 'consumer' && group.state === 'Stable' && !subscriptionsOf(group).includes(null));
