/** A partition that is to be fetched, and from where. */
export interface Assignment {
  readonly topic: string;
  readonly partition: number;
  position: number;
  isPaused: boolean;
  /** Set by a problem: nothing is fetched until the owner seeks. */
  isHalted: boolean;
  /** Not asked for before this time, after an error that passes. */
  notBeforeMs: number;
}

/** What a request asked for: an answer counts only while the assignment is still that one, at that position. */
export interface Asked {
  readonly assignment: Assignment;
  readonly offset: number;
}

export const partitionName = (topic: string, partition: number): string => `${topic}/${partition}`;

/** The partitions of a fetcher, in the order in which they are asked for: who got data goes to the end. */
export class Assignments {
  readonly #byName = new Map<string, Assignment>();

  /** A new object each time: answers to what was asked before no longer count. */
  seek(topic: string, partition: number, position: number): void {
    const name = partitionName(topic, partition);
    const isPaused = this.#byName.get(name)?.isPaused ?? false;
    this.#byName.set(name, { topic, partition, position, isPaused, isHalted: false, notBeforeMs: 0 });
  }

  remove(topic: string, partition: number): void {
    this.#byName.delete(partitionName(topic, partition));
  }

  get(topic: string, partition: number): Assignment | undefined {
    return this.#byName.get(partitionName(topic, partition));
  }

  all(): IterableIterator<Assignment> {
    return this.#byName.values();
  }

  has(assignment: Assignment): boolean {
    return this.get(assignment.topic, assignment.partition) === assignment;
  }

  isCurrent({ assignment, offset }: Asked): boolean {
    return !assignment.isPaused && assignment.position === offset && this.has(assignment);
  }

  /** It has got data: the others come first now. */
  advance(assignment: Assignment, position: number): void {
    assignment.position = position;
    const name = partitionName(assignment.topic, assignment.partition);
    this.#byName.delete(name);
    this.#byName.set(name, assignment);
  }

  clear(): void {
    this.#byName.clear();
  }
}
