import type { Clock } from '../../../shared/clock.ts';
import type { KafkaErrorName } from '../../protocol/index.ts';
import type { Configs } from './configs.ts';
import { Group } from './group.ts';
import type { GroupSnapshot } from './group-records.ts';
import type { GroupStore } from './group-store.ts';

export interface ClassicGroupsOptions {
  store: GroupStore;
  configs: Configs;
  clock: Clock;
}

/** All groups under the classic protocol, and those that only keep offsets. */
export class ClassicGroups {
  readonly #options: ClassicGroupsOptions;
  readonly #groups = new Map<string, Group>();
  /** Of groups that the disk did not take; the next attempt takes the state of then. */
  readonly #unsaved = new Set<string>();

  constructor(options: ClassicGroupsOptions) {
    this.#options = options;
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  create(id: string): Group {
    const { configs, clock } = this.#options;
    const group = new Group({
      id,
      initialDelayMs: () => configs.number('group.initial.rebalance.delay.ms'),
      maxSize: () => configs.number('group.max.size'),
      now: () => clock.now(),
      onChanged: () => this.save(id),
    });
    this.#groups.set(id, group);
    return group;
  }

  /** One that was saved; members that it had are members still, and have a session's time to show up. */
  restore(id: string, { members, ...saved }: GroupSnapshot): void {
    Object.assign(this.create(id), saved).restore(members);
  }

  /** A group lives on while it cannot be saved: only a crash before that would make its members join anew. */
  save(id: string): void {
    const group = this.#groups.get(id);
    if (!group || this.#options.store.saveGroup(group)) this.#unsaved.delete(id);
    else this.#unsaved.add(id);
  }

  saveUnsaved(): void {
    for (const id of [...this.#unsaved]) this.save(id);
  }

  /** False when the disk does not take it; then the group stays. */
  forget(group: Group, why?: KafkaErrorName): boolean {
    if (!this.#options.store.deleteGroup(group.id)) return false;
    this.release(group, why);
    return true;
  }

  /** It is none of these any more; who waits is told why. On disk that is the caller's business. */
  release(group: Group, why?: KafkaErrorName): void {
    this.#groups.delete(group.id);
    group.close(why);
  }

  close(): void {
    for (const group of this.all()) group.close();
  }
}
