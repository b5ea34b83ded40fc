import type { Clock } from '../../../shared/clock.ts';
import type { FetchedPartition } from '../../kafka/port.ts';
import { Patience } from '../patience.ts';
import type { RecordFilter } from './filter.ts';
import type { RecordFormat, ShownRecord } from './format.ts';
import type { RecentRecords, TailOutput } from './output.ts';
import { readPatiently } from './read-patiently.ts';
import type { PartitionTail, RecordConsumer, TopicTail } from './record-consumer.ts';

export interface LineConsumerOptions {
  site: string;
  output: TailOutput;
  format: RecordFormat;
  /** Which records are shown; null for all. */
  filter: RecordFilter | null;
  /** A registry that is gone for longer than this ends the command; null waits for ever. */
  patienceMs: number | null;
  clock: Clock;
  signal: AbortSignal;
  report(message: string): void;
}

/** Makes a line of each record of a site. */
export class LineConsumer implements RecordConsumer {
  readonly #options: LineConsumerOptions;
  readonly #registry: Patience;
  readonly #lines = new WeakMap<PartitionTail, (record: ShownRecord) => string>();

  constructor(options: LineConsumerOptions) {
    this.#options = options;
    this.#registry = registryPatience(options);
  }

  get waiting(): boolean {
    return this.#registry.waiting;
  }

  flush(): Promise<void> | undefined {
    return this.#options.output.flush();
  }

  showRecent(recent: RecentRecords): void {
    for (const { line, undecodable } of recent.take()) {
      if (!this.#options.output.add(line, undecodable)) return;
    }
  }

  async consume(topic: TopicTail, tail: PartitionTail, { records }: FetchedPartition): Promise<boolean> {
    const { output, filter, signal } = this.#options;
    const toLine = this.#lineOf(tail);
    while (records.next() && records.offset < tail.end) {
      if (filter?.skips(records)) {
        output.skip(false);
        continue;
      }
      const read = topic.reader.read(records);
      const record =
        read instanceof Promise
          ? await readPatiently(read, topic.reader, records, this.#options, this.#registry)
          : read;
      if (!record || signal.aborted) return false;
      const { offset, timestamp } = record;
      const undecodable = record.valueJson === null;
      if (filter && !filter.takes(tail.place, record)) output.skip(undecodable);
      else if (topic.recent) {
        const { partition } = tail;
        topic.recent.add({ timestamp, offset, undecodable, line: toLine(record), partition });
        tail.found++;
      } else if (!output.add(toLine(record), undecodable)) return false;
      if (output.full) await output.flush();
    }
    return true;
  }

  #lineOf(tail: PartitionTail): (record: ShownRecord) => string {
    let line = this.#lines.get(tail);
    if (!line) {
      line = this.#options.format(tail.place);
      this.#lines.set(tail, line);
    }
    return line;
  }
}

export function registryPatience(
  options: Pick<LineConsumerOptions, 'site' | 'patienceMs' | 'clock' | 'report'>,
): Patience {
  const { site, patienceMs, clock, report } = options;
  return new Patience({
    ...{ site, patienceMs, clock, report },
    ...{ what: 'the Schema Registry', code: 'DDS_REGISTRY_UNREACHABLE' },
  });
}
