import type { Admin, GroupMember } from '../../kafka/index.ts';

export interface GroupPartition {
  topic: string;
  partition: number;
  /** The next offset that the group reads; null while it has committed none. */
  committed: number | null;
  /** Offset of the next record. */
  end: number;
  /** Records between the two; without a commit, all that the partition has. */
  lag: number;
  /** Who reads it now. */
  member: { memberId: string; clientId: string; host: string } | null;
}

export interface GroupDetails {
  group: string;
  state: string;
  /** `consumer`, or empty for a group that only has offsets. */
  protocolType: string;
  /** The assignor. */
  protocol: string;
  members: GroupMember[];
  lag: number;
  partitions: GroupPartition[];
}

/** Groups with their positions and lag: the named ones, else all. A group that does not exist is left out. */
export async function readGroups(admin: Admin, names?: readonly string[]): Promise<GroupDetails[]> {
  const existing = new Set((await admin.listGroups()).map(({ group }) => group));
  const wanted = [...existing].filter((group) => names?.includes(group) ?? true).sort();
  const [descriptions, commits, topics] = await Promise.all([
    admin.describeGroups(wanted),
    Promise.all(wanted.map((group) => admin.allCommitted(group))),
    admin.listTopics(),
  ]);
  const known = new Set(
    topics.flatMap(({ name, partitions }) => partitions.map((p) => `${p.partition}/${name}`)),
  );
  const read = descriptions.map(({ members }, at) => {
    const places = new Map<string, Omit<GroupPartition, 'end' | 'lag'>>();
    for (const { topic, partition, offset } of commits[at] ?? []) {
      places.set(`${partition}/${topic}`, { topic, partition, committed: offset, member: null });
    }
    for (const { memberId, clientId, host, assignment } of members) {
      for (const { topic, partition } of assignment) {
        const committed = places.get(`${partition}/${topic}`)?.committed ?? null;
        const member = { memberId, clientId, host };
        places.set(`${partition}/${topic}`, { topic, partition, committed, member });
      }
    }
    // A position may outlive its topic.
    return [...places].filter(([key]) => known.has(key)).map(([, place]) => place);
  });
  const distinct = new Map(
    read.flat().map(({ topic, partition }) => [`${partition}/${topic}`, { topic, partition }]),
  );
  const asked = [...distinct.values()];
  const [starts, ends] = await Promise.all([
    admin.offsets(asked, 'earliest'),
    admin.offsets(asked, 'latest'),
  ]);
  const index = new Map([...distinct.keys()].map((key, at) => [key, at]));
  return descriptions.map(({ group, state, protocolType, protocol, members }, at) => {
    const partitions = (read[at] ?? []).map((place): GroupPartition => {
      const i = index.get(`${place.partition}/${place.topic}`)!;
      const end = ends[i]!;
      return { ...place, end, lag: Math.max(0, end - Math.max(place.committed ?? 0, starts[i]!)) };
    });
    partitions.sort((a, b) => (a.topic === b.topic ? a.partition - b.partition : a.topic < b.topic ? -1 : 1));
    const lag = partitions.reduce((sum, partition) => sum + partition.lag, 0);
    return { group, state, protocolType, protocol, members, lag, partitions };
  });
}
