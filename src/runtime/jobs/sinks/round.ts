import type { Header } from '../../kafka/index.ts';
import type { PartitionStats } from './partition-stats.ts';

/** A record that can't be stored. */
export interface DeadLetter {
  stats: PartitionStats;
  offset: number;
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Header[];
  reason: string;
}

/** What one transaction gathers, beside the rows: counted when it is committed, forgotten when it is not. */
export class Round {
  readonly deadLetters: DeadLetter[] = [];
  readonly counts = new Map<PartitionStats, PartitionCounts>();
  #intended = new Float64Array(4096);
  rows = 0;
  bytes = 0;

  of(stats: PartitionStats): PartitionCounts {
    let counts = this.counts.get(stats);
    if (!counts) {
      counts = { rows: 0, bytes: 0, duplicates: 0, deadLetters: 0, lastTimestamp: stats.lastTimestamp };
      this.counts.set(stats, counts);
    }
    return counts;
  }

  /** Counts a row; the time it was intended at, µs since the epoch. */
  row(intendedMicros: number): void {
    if (this.rows === this.#intended.length) {
      const longer = new Float64Array(this.rows * 2);
      longer.set(this.#intended);
      this.#intended = longer;
    }
    this.#intended[this.rows++] = intendedMicros;
  }

  get intended(): Float64Array {
    return this.#intended;
  }

  settle(): void {
    for (const [stats, counts] of this.counts) {
      stats.rows += counts.rows;
      stats.bytes += counts.bytes;
      stats.duplicates += counts.duplicates;
      stats.deadLetters += counts.deadLetters;
      stats.lastTimestamp = counts.lastTimestamp;
    }
  }
}

export interface PartitionCounts {
  rows: number;
  bytes: number;
  duplicates: number;
  deadLetters: number;
  lastTimestamp: number;
}
