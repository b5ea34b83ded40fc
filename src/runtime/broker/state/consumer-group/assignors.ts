import { count, filter, NO_PARTITIONS, type Partitions } from './partitions.ts';

export interface AssignorMember {
  /** Instance id, or member id: what the order of members goes by. */
  readonly order: string;
  readonly memberId: string;
  /** Ids of the topics that it is subscribed to, as far as they exist. */
  readonly topics: ReadonlySet<string>;
  /** What it was to have before. */
  readonly target: Partitions;
}

/** From members and the number of partitions of each topic to what each member is to have. */
export type Assignor = (
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
) => Map<string, Partitions>;

/** Assignors that run at the broker, by name. The first is the default. */
export const assignors: Readonly<Record<string, Assignor>> = { uniform, range };
export const DEFAULT_ASSIGNOR = 'uniform';

/** All members have the same number of partitions, give or take one, and keep what they have as far as that goes. */
function uniform(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, Partitions> {
  const owners = new Map<string, Map<number, string>>();
  const loads = new Map(members.map(({ memberId }) => [memberId, 0]));
  const give = (topicId: string, partition: number, memberId: string) => {
    const before = owners.get(topicId)?.get(partition);
    if (before !== undefined) loads.set(before, loads.get(before)! - 1);
    if (!owners.has(topicId)) owners.set(topicId, new Map());
    owners.get(topicId)!.set(partition, memberId);
    loads.set(memberId, loads.get(memberId)! + 1);
  };
  const areAlike = haveSameTopics(members);
  const mayKeep = areAlike ? quotas(members.length, partitionCounts) : () => Number.POSITIVE_INFINITY;
  // Who has most comes first: the larger shares are for those.
  for (const { memberId, topics, target } of members.toSorted((a, b) => count(b.target) - count(a.target))) {
    const kept = filter(
      target,
      (topicId, partition) => topics.has(topicId) && partition < (partitionCounts.get(topicId) ?? 0),
    );
    const most = mayKeep();
    for (const [topicId, numbers] of kept)
      for (const partition of numbers)
        if (loads.get(memberId)! < most && !owners.get(topicId)?.has(partition))
          give(topicId, partition, memberId);
  }
  const ordered = members.toSorted(byOrder);
  const subscribers = new Map(
    [...partitionCounts.keys()].map((id) => [
      id,
      areAlike && members[0]?.topics.has(id) ? ordered : ordered.filter(({ topics }) => topics.has(id)),
    ]),
  );
  const least = (topicId: string) =>
    subscribers
      .get(topicId)!
      .reduce<AssignorMember | undefined>(
        (best, one) =>
          best === undefined || loads.get(one.memberId)! < loads.get(best.memberId)! ? one : best,
        undefined,
      );
  for (const [topicId, partitions] of partitionCounts) {
    for (let partition = 0; partition < partitions; partition++) {
      const member = owners.get(topicId)?.has(partition) ? undefined : least(topicId);
      if (member) give(topicId, partition, member.memberId);
    }
  }
  // Where not everybody can have everything. Loads come closer with each move, so it ends.
  for (let moved = !areAlike; moved; ) {
    moved = false;
    for (const [topicId, partitions] of owners) {
      for (const [partition, owner] of partitions) {
        const member = least(topicId);
        if (!member || loads.get(owner)! - loads.get(member.memberId)! < 2) continue;
        give(topicId, partition, member.memberId);
        moved = true;
      }
    }
  }
  return byMember(members, owners);
}

function haveSameTopics([first, ...others]: readonly AssignorMember[]): boolean {
  return others.every(
    ({ topics }) =>
      topics === first!.topics ||
      (topics.size === first!.topics.size && [...topics].every((id) => first!.topics.has(id))),
  );
}

/** How many partitions the next member may keep. */
function quotas(members: number, partitionCounts: ReadonlyMap<string, number>): () => number {
  const all = [...partitionCounts.values()].reduce((sum, partitions) => sum + partitions, 0);
  let larger = all % members;
  return () => Math.floor(all / members) + (larger-- > 0 ? 1 : 0);
}

/** Per topic, in the order of members: neighbouring partitions, so that equal topics are split alike. */
function range(
  members: readonly AssignorMember[],
  partitionCounts: ReadonlyMap<string, number>,
): Map<string, Partitions> {
  const owners = new Map<string, Map<number, string>>();
  for (const [topicId, partitions] of partitionCounts) {
    const subscribed = members.filter(({ topics }) => topics.has(topicId)).toSorted(byOrder);
    const topic = new Map<number, string>();
    const [each, extra] = [Math.floor(partitions / subscribed.length), partitions % subscribed.length];
    let next = 0;
    subscribed.forEach(({ memberId }, i) => {
      for (let left = each + (i < extra ? 1 : 0); left > 0; left--) topic.set(next++, memberId);
    });
    owners.set(topicId, topic);
  }
  return byMember(members, owners);
}

function byMember(
  members: readonly AssignorMember[],
  owners: ReadonlyMap<string, ReadonlyMap<number, string>>,
): Map<string, Partitions> {
  const all = new Map<string, Map<string, Set<number>>>();
  for (const [topicId, partitions] of owners) {
    for (const [partition, memberId] of partitions) {
      const own = all.get(memberId) ?? new Map<string, Set<number>>();
      all.set(memberId, own);
      own.set(topicId, (own.get(topicId) ?? new Set()).add(partition));
    }
  }
  return new Map(members.map(({ memberId }) => [memberId, all.get(memberId) ?? NO_PARTITIONS]));
}

const byOrder = (a: AssignorMember, b: AssignorMember): number =>
  a.order < b.order ? -1 : a.order > b.order ? 1 : 0;

/** The name that most members ask for; the default for who asks for none. */
export function preferredAssignor(wanted: readonly (string | null)[]): string {
  const votes = new Map<string, number>();
  for (const name of wanted) if (name !== null) votes.set(name, (votes.get(name) ?? 0) + 1);
  return [...votes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0] ?? DEFAULT_ASSIGNOR;
}
