import type { GroupAssignment, GroupAssignor, GroupSubscription, TopicPartition } from '../../kafka/index.ts';

/** The unit of work: a sub-topology with one partition number of each of its topics, which never part. */
export interface TaskUnit {
  /** `<sub-topology>_<partition>`. */
  readonly id: string;
  readonly partitions: readonly TopicPartition[];
}

/** What an instance tells the leader of the group. */
export interface InstanceFacts {
  /** Of the topology: all instances of a job must run the same one. */
  readonly fingerprint: string;
  /** Tasks whose state is at hand here. */
  readonly owned: readonly string[];
}

/** What the leader tells an instance. */
export interface InstanceTasks {
  readonly tasks: readonly string[];
  /** Set when the instance runs another topology than the rest of the job. */
  readonly refused?: string;
}

const NOTHING_OWNED: InstanceFacts = { fingerprint: '', owned: [] };

export function readFacts(userData: Uint8Array): InstanceFacts {
  try {
    const { fingerprint, owned } = JSON.parse(Buffer.from(userData).toString()) as InstanceFacts;
    return { fingerprint: String(fingerprint), owned: owned.map(String) };
  } catch {
    return NOTHING_OWNED;
  }
}

/**
 * Gives every task to one member: to the one that had it where that keeps the balance, else to the one with the fewest.
 * No member has two tasks more than another.
 */
export function assignTasks(
  tasks: readonly string[],
  owned: ReadonlyMap<string, readonly string[]>,
): Map<string, string[]> {
  const members = [...owned.keys()].sort();
  const given = new Map<string, string[]>(members.map((member) => [member, []]));
  if (members.length === 0) return given;
  const fewest = Math.floor(tasks.length / members.length);
  // So many members may have one more than the others.
  let extra = tasks.length % members.length;
  const left = new Set(tasks);
  for (const member of members) {
    const mine = given.get(member)!;
    for (const task of owned.get(member) ?? []) {
      if (!left.has(task)) continue;
      if (mine.length > fewest || (mine.length === fewest && extra === 0)) break;
      if (mine.length === fewest) extra--;
      mine.push(task);
      left.delete(task);
    }
  }
  for (const task of left) {
    let least = given.get(members[0]!)!;
    for (const mine of given.values()) if (mine.length < least.length) least = mine;
    least.push(task);
  }
  return given;
}

/**
 * The fingerprint that the job runs with: that of the instances that have tasks already, so that it is the newcomer
 * that is refused; with nothing to choose by, the leader's own.
 */
function jobFingerprint(facts: readonly InstanceFacts[], own: string): string {
  const owned = new Map<string, number>();
  for (const { fingerprint, owned: tasks } of facts) {
    owned.set(fingerprint, (owned.get(fingerprint) ?? 0) + tasks.length);
  }
  let best = own;
  for (const [fingerprint, count] of owned) if (count > (owned.get(best) ?? 0)) best = fingerprint;
  return best;
}

/** Our assignor: co-partitioned topics go together, tasks stay where their state is, and are balanced. */
export class TaskAssignor implements GroupAssignor {
  readonly name = 'dds-tasks';
  readonly #fingerprint: string;
  readonly #units: ReadonlyMap<string, TaskUnit>;
  readonly #owned: () => readonly string[];

  constructor(fingerprint: string, units: readonly TaskUnit[], owned: () => readonly string[]) {
    this.#fingerprint = fingerprint;
    this.#units = new Map(units.map((unit) => [unit.id, unit]));
    this.#owned = owned;
  }

  userData(): Uint8Array {
    const facts: InstanceFacts = { fingerprint: this.#fingerprint, owned: this.#owned() };
    return Buffer.from(JSON.stringify(facts));
  }

  async assign(members: readonly GroupSubscription[]): Promise<Map<string, GroupAssignment>> {
    const facts = new Map(members.map(({ memberId, userData }) => [memberId, readFacts(userData)]));
    const fingerprint = jobFingerprint([...facts.values()], this.#fingerprint);
    const welcome = [...facts].filter(([, told]) => told.fingerprint === fingerprint);
    // Where the leader itself is the one that is refused, it does not know the tasks of the others: they keep theirs.
    const given =
      fingerprint === this.#fingerprint
        ? assignTasks([...this.#units.keys()], new Map(welcome.map(([id, { owned }]) => [id, owned])))
        : new Map<string, readonly string[]>();
    return new Map(
      [...facts].map(([memberId, told]) => {
        const tasks = given.get(memberId) ?? [];
        const answer: InstanceTasks =
          told.fingerprint === fingerprint ? { tasks } : { tasks: [], refused: fingerprint };
        const partitions = tasks.flatMap((task) => this.#units.get(task)?.partitions ?? []);
        return [memberId, { partitions, userData: Buffer.from(JSON.stringify(answer)) }];
      }),
    );
  }
}
