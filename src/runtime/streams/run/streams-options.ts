import type { Clock } from '../../../shared/clock.ts';
import type { Kafka } from '../../kafka/index.ts';
import type { ErrorPolicies } from './error-handlers.ts';
import type { CommitStep, GuaranteeName } from './guarantee.ts';

export interface StreamsOptions {
  kafka: Kafka;
  /** What a crash may leave: outputs that come twice, or none. Default `at-least-once`. */
  guarantee?: GuaranteeName;
  /**
   * With exactly once: who this instance is, over restarts; no other may have the same. What it left open when it died is then
   * aborted at once when it is back, not after `transactionTimeoutMs`. Default: somebody new each time.
   */
  instanceId?: string;
  /** With exactly once: a transaction that is open for longer is aborted by the cluster, ms. Default 10000. */
  transactionTimeoutMs?: number;
  /** Time between two commits, ms. Default 1000, with exactly once 100. */
  commitIntervalMs?: number;
  /** How long to wait for an empty partition of a task, ms; -1 never. Default 0: until it is known to have nothing. */
  maxTaskIdleMs?: number;
  /** What becomes of a record that cannot be read, worked on or written. Default `fail`. */
  onError?: ErrorPolicies;
  /**
   * What becomes of a job whose inputs have got more partitions, for which keys go to other partitions than before. `fail`, the
   * default: it ends, for its state would be in the wrong place. `go-on`: its internal topics get as many, when it starts anew;
   * keys that have moved begin without state.
   */
  whenPartitionsGrow?: 'fail' | 'go-on';
  clock?: Clock;
  /** Called between the steps of a commit: for tests that stop an instance there. */
  onCommitStep?: (step: CommitStep) => void;
  sessionTimeoutMs?: number;
}
