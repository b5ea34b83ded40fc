import type { Logger } from '../../../shared/logger.ts';
import type { KafkaErrorName } from '../../protocol/index.ts';
import type { ClassicGroups } from './classic-groups.ts';
import type { Configs } from './configs.ts';
import type { ConsumerGroup } from './consumer-group/group.ts';
import type { ConsumerGroups } from './consumer-group/groups.ts';
import type { StoredRecord } from './consumer-group/records.ts';
import type { SubscribableTopic } from './consumer-group/subscriptions.ts';
import type { Group } from './group.ts';
import { toClassicMembers, toConsumerMembers } from './group-conversion.ts';
import type { GroupStore } from './group-store.ts';

export interface GroupTransfersOptions {
  classic: ClassicGroups;
  consumers: ConsumerGroups;
  store: GroupStore;
  configs: Configs;
  topics(): Iterable<SubscribableTopic>;
  log: Logger;
}

/** Groups go over to the consumer protocol and back, with their members (KIP-848, bidirectional migration). */
export class GroupTransfers {
  readonly #options: GroupTransfersOptions;
  /** What is left on disk of consumer groups that have gone back, where the disk did not take that. */
  readonly #left = new Map<string, readonly StoredRecord[]>();

  constructor(options: GroupTransfersOptions) {
    this.#options = options;
  }

  /** Makes room for a member of the consumer protocol. Why the group does not give way, or null. */
  makeRoom(groupId: string, isJoining: boolean): KafkaErrorName | null {
    if (!this.#clear(groupId)) return 'COORDINATOR_NOT_AVAILABLE';
    const group = this.#options.classic.get(groupId);
    if (!group) return null;
    if (!isJoining) return 'GROUP_ID_NOT_FOUND';
    if (group.state !== 'Empty') return this.#upgrade(group);
    return this.#options.classic.forget(group, 'UNKNOWN_MEMBER_ID') ? null : 'COORDINATOR_NOT_AVAILABLE';
  }

  /** Members of the classic protocol go on in a group of the other one, and are told to join again. */
  #upgrade(group: Group): KafkaErrorName | null {
    const { classic, consumers, store, configs, topics, log } = this.#options;
    const { id, generationId } = group;
    if (group.members.size >= configs.number('group.max.size')) return 'GROUP_MAX_SIZE_REACHED';
    const members = toConsumerMembers(group, topics());
    if (!members) return 'GROUP_ID_NOT_FOUND';
    if (!consumers.adopt(id, generationId, members, store.groupTombstone(id)))
      return 'COORDINATOR_NOT_AVAILABLE';
    classic.release(group, 'REBALANCE_IN_PROGRESS');
    log.info({ group: id, members: members.length }, 'group goes over to the consumer protocol');
    return null;
  }

  /** The way back, once only members of the classic protocol are left. */
  downgrade(group: ConsumerGroup, mustRebalance: boolean, goneId?: string): void {
    const { classic, consumers, store, log } = this.#options;
    const { id, epoch } = group;
    const members = toClassicMembers(group);
    const tombstones = consumers.release(group, goneId);
    const back = classic.create(id);
    back.takeOver(members, epoch, mustRebalance);
    if (store.append([...tombstones, store.groupRecord(back)]) === null) {
      // Apart: the group may change again, or go, before the disk takes what is left of the other one.
      this.#left.set(id, tombstones);
      classic.save(id);
    }
    log.info({ group: id, members: members.size }, 'group goes back to the classic protocol');
  }

  /** Takes away what is left of a consumer group of the name. False when the disk does not take it. */
  #clear(groupId: string): boolean {
    const tombstones = this.#left.get(groupId);
    if (!tombstones) return true;
    return this.#options.store.append(tombstones) !== null && this.#left.delete(groupId);
  }

  saveUnsaved(): void {
    for (const id of [...this.#left.keys()]) this.#clear(id);
  }
}
