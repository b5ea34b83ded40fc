import type {
  Admin,
  GroupAssignment,
  GroupAssignor,
  GroupSubscription,
  TopicPartition,
} from '../kafka/index.ts';

const nothing = new Uint8Array();

/** Kafka's default (RangeAssignor): of each topic every member gets a run of partitions. Goes with members in other languages. */
export class RangeAssignor implements GroupAssignor {
  readonly name = 'range';
  readonly #admin: Admin;

  constructor(admin: Admin) {
    this.#admin = admin;
  }

  userData(): Uint8Array {
    return nothing;
  }

  async assign(members: readonly GroupSubscription[]): Promise<Map<string, GroupAssignment>> {
    const given = new Map(members.map(({ memberId }) => [memberId, [] as TopicPartition[]]));
    const wanted = new Set(members.flatMap(({ topics }) => topics));
    for (const { name, partitions } of await this.#admin.listTopics()) {
      if (!wanted.has(name)) continue;
      const readers = members
        .filter(({ topics }) => topics.includes(name))
        .map(({ memberId }) => memberId)
        .sort();
      const numbers = partitions.map(({ partition }) => partition).sort((a, b) => a - b);
      for (const [at, reader] of readers.entries()) {
        const [from, to] = [
          share(at, numbers.length, readers.length),
          share(at + 1, numbers.length, readers.length),
        ];
        given.get(reader)!.push(...numbers.slice(from, to).map((partition) => ({ topic: name, partition })));
      }
    }
    return new Map([...given].map(([memberId, partitions]) => [memberId, { partitions }]));
  }
}

/** Where the share of the reader begins; the first ones get one more where it does not divide. */
const share = (reader: number, partitions: number, readers: number) =>
  reader * Math.floor(partitions / readers) + Math.min(reader, partitions % readers);
