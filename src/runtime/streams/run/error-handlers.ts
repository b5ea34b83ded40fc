import { DdsError } from '../../../errors/index.ts';
import { deadLetterHeader } from '../../../shared/dead-letters.ts';
import type { TopicPartition } from '../../kafka/index.ts';
import type { Headers } from '../processor.ts';
import { RecordError, type Stage } from '../record-errors.ts';
import type { InputRecord } from '../task-program.ts';

/** `fail` ends the job, `skip` leaves the record out, a dead-letter topic gets it with the reason in its headers. */
export type ErrorPolicy = 'fail' | 'skip' | { deadLetterTopic: string };

/** One policy for all, or one for each place where a record can fail. Default `fail`. */
export type ErrorPolicies = ErrorPolicy | Partial<Record<Stage, ErrorPolicy>>;

export type Place = TopicPartition & { offset: number };

type Send = (
  topic: string,
  key: Uint8Array | null,
  value: Uint8Array | null,
  timestamp: number,
  headers: Headers,
) => void;

/** Decides what becomes of records that fail, and counts them. */
export class ErrorHandlers {
  readonly #policies: Readonly<Record<Stage, ErrorPolicy>>;
  readonly #send: Send;
  /** Records that failed and were not the end of the job. */
  readonly counts: Record<Stage, number> = { deserialization: 0, processing: 0, production: 0 };
  deadLetters = 0;

  constructor(policies: ErrorPolicies, send: Send) {
    const isOne = typeof policies === 'string' || 'deadLetterTopic' in policies;
    const all = isOne ? (policies as ErrorPolicy) : 'fail';
    const own = isOne ? {} : (policies as Partial<Record<Stage, ErrorPolicy>>);
    this.#policies = { deserialization: all, processing: all, production: all, ...own };
    this.#send = send;
  }

  /** Dead-letter topics that have to be there. */
  get topics(): string[] {
    const topics = Object.values(this.#policies).map((one) =>
      typeof one === 'string' ? null : one.deadLetterTopic,
    );
    return [...new Set(topics.filter((name) => name !== null))];
  }

  /** A record that came in. Throws DDS_STREAMS_RECORD when it ends the job. */
  input(error: unknown, place: Place, record: InputRecord): void {
    const stage = error instanceof RecordError ? error.stage : 'processing';
    const at = `${place.topic}/${place.partition}@${place.offset}`;
    this.#handle(stage, error, `record ${at}`, {
      ...record,
      headers: [...record.headers, deadLetterHeader('source', at)],
    });
  }

  /** A record that should go out. Throws DDS_STREAMS_RECORD when it ends the job. */
  output(error: unknown, topic: string, value: unknown, timestamp: number): void {
    const text = Buffer.from(
      JSON.stringify(value, (_key, part) => (typeof part === 'bigint' ? `${part}` : part)),
    );
    const headers = [deadLetterHeader('topic', topic)];
    this.#handle('production', error, `a record for ${topic}`, {
      key: null,
      value: text,
      timestamp,
      headers,
    });
  }

  #handle(stage: Stage, error: unknown, what: string, record: InputRecord): void {
    const policy = this.#policies[stage];
    const reason = error instanceof Error ? error.message : String(error);
    if (policy === 'fail') {
      throw new DdsError('DDS_STREAMS_RECORD', `${what} failed: ${reason}`, {
        cause: error instanceof RecordError ? error.cause : error,
        details: { stage },
      });
    }
    this.counts[stage]++;
    if (policy === 'skip') return;
    this.deadLetters++;
    const { key, value, timestamp } = record;
    this.#send(policy.deadLetterTopic, key, value, timestamp, [
      ...record.headers,
      deadLetterHeader('reason', reason),
    ]);
  }
}
