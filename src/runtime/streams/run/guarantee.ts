import type {
  CommittedOffset,
  GroupGeneration,
  GroupMembership,
  Kafka,
  Producer,
} from '../../kafka/index.ts';
import { isPartitionsLost } from '../../kafka/index.ts';
import type { Headers } from '../processor.ts';

export type GuaranteeName = 'at-least-once' | 'exactly-once';

/** `written`: all is acknowledged; `committed`: the positions are, too. */
export type CommitStep = 'written' | 'committed';

/** What is to become done. */
export interface Work {
  group: GroupMembership;
  generation: GroupGeneration;
  /** Positions that have moved. */
  moved: readonly CommittedOffset[];
  /** All positions. */
  all: () => readonly CommittedOffset[];
  onStep: (step: CommitStep) => void;
}

export type Append = (
  topic: string,
  partition: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
  timestamp: number,
  headers: Headers | null,
) => void;

/** How outputs, state and positions of an instance become done together. */
export interface Guarantee {
  /** Whether records say what they come of, to be told apart when they are there once more. */
  readonly hasMarks: boolean;
  start(): Promise<void>;
  readonly append: Append;
  /** False when the work has to be given up: state in memory is then ahead of what is committed. */
  commit(work: Work): Promise<boolean>;
  /** Gives up what is not committed. */
  giveUp(): Promise<void>;
  /** Ends it; with an aborted signal at once, without a word to anybody. */
  close(signal?: AbortSignal): Promise<void>;
}

/** Outputs and state first, then positions: what is between is done again after a crash. */
export class AtLeastOnce implements Guarantee {
  readonly hasMarks = true;
  readonly #producer: Producer;

  constructor(kafka: Kafka) {
    this.#producer = kafka.producer();
  }

  start(): Promise<void> {
    return this.#producer.start();
  }

  readonly append: Append = (topic, partition, key, value, timestamp, headers) =>
    this.#producer.append(topic, partition, key, value, timestamp, headers, 0);

  async commit({ group, generation, moved, onStep }: Work): Promise<boolean> {
    await this.#producer.flush();
    onStep('written');
    if (moved.length === 0) return true;
    if (generation.isLost) return false;
    try {
      await group.commit(moved);
    } catch (error) {
      if (isPartitionsLost(error)) return false;
      throw error;
    }
    onStep('committed');
    return true;
  }

  /** What is written stays; whoever does the work again knows it by its marks. */
  async giveUp(): Promise<void> {}

  close(signal?: AbortSignal): Promise<void> {
    return this.#producer.close(signal);
  }
}
