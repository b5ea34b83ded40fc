import type { Header } from '../kafka/index.ts';
import type { Done } from './done.ts';
import type { StateStore } from './stores/state-store.ts';

export type Headers = readonly Header[];

/** One node of a running task. A value is a `Change` below a table. */
export interface Processor {
  process(key: unknown, value: unknown, timestamp: number, headers: Headers): Done;
}

/** What a node may do while it runs. */
export interface NodeContext {
  /** To every child in the order in which they were added, one after the other. */
  forward(key: unknown, value: unknown, timestamp: number, headers: Headers): Done;
  store<S extends StateStore>(name: string): S;
  /** Counts a record that is left out. */
  drop(reason: DropReason): void;
  /** The latest time that this task has seen, ms; -1 before the first record. */
  streamTime(): number;
  /** Calls back while the task lives: with stream time as records move it, or with wall time. */
  schedule(punctuator: Punctuator): void;
  /** Asks for a commit as soon as the record is worked through. */
  requestCommit(): void;
}

export interface Punctuator {
  everyMs: number;
  clock: 'stream' | 'wall';
  run(timestamp: number): Done;
}

export type DropReason =
  | 'null-key'
  | 'null-value'
  | 'late'
  | 'negative-timestamp'
  | 'undecodable'
  | 'failed'
  | 'unwritable';

export type ProcessorFactory = (context: NodeContext) => Processor;

/** What a table's row was and is. */
export interface Change<V> {
  readonly now: V | null;
  /** null also where nobody asked for it. */
  readonly before: V | null;
}
