import { DdsError } from '../../../errors/index.ts';
import type { RuntimeContext } from '../../../shared/context.ts';
import type { Header } from '../../kafka/port.ts';
import { connectStack } from '../../stack/connect.ts';
import type { SiteEndpoints } from '../../stack/types.ts';
import { parsePosition } from '../tail/position.ts';
import { type InputLine, inputName, lineBatches, openInput } from './read-lines.ts';
import { BadLine, type LineRecord, parseHeaderFlag, parseJson, parseRecord } from './record-line.ts';
import { SiteWriter } from './site-writer.ts';

export interface ProduceOptions {
  stack?: string | undefined;
  /** Null: every line is a record as `dds tail --json` prints it, with its own topic. Else every line is a value. */
  topic: string | null;
  /** `-` is stdin. */
  file: string;
  /** Needed for values when there are several sites; a record goes to the site that it names unless this is given. */
  sites?: readonly string[] | undefined;
  /** The key of every value. */
  key?: string | undefined;
  /** The field of each value that is its key: `sensor_id`, `sensor.id`. */
  keyField?: string | undefined;
  /** `name=value`, for every record. */
  headers?: readonly string[] | undefined;
  partition?: number | undefined;
  /** `@ms` or RFC 3339, for every value. Default now. */
  timestamp?: string | undefined;
  /** Lines are texts, not JSON. */
  text?: boolean;
  /** Leave bad lines out and go on. */
  skipBad?: boolean;
  /** Check every line against topics and schemas, and send nothing. */
  dryRun?: boolean;
}

/** The answer of `dds produce --json`. */
export interface ProduceResult {
  /** Lines that are not empty. */
  lines: number;
  /** Records acknowledged, or with dryRun fit to be sent, over all sites. */
  sent: number;
  /** Lines left out with skipBad. */
  skipped: number;
  sites: { site: string; sent: number }[];
  dryRun: boolean;
}

/**
 * Writes lines of a file or of stdin as records. The first bad line ends it, unless `skipBad`: what stands before it is
 * sent, nothing after it. Throws DDS_INPUT_INVALID with the line, DDS_USAGE, DDS_NO_STACK, DDS_UNKNOWN_SITE,
 * DDS_UNKNOWN_TOPIC, DDS_FILE_UNREADABLE, DDS_KAFKA.
 */
export async function produce(options: ProduceOptions, context: RuntimeContext): Promise<ProduceResult> {
  const read = lineReader(options, context.clock.now());
  const chunks = await openInput(options.file, context);
  const stack = await connectStack(context, { stack: options.stack });
  const endpoints = await stack.sites(options.sites).finally(() => stack.close());
  if (options.topic !== null && endpoints.length > 1 && options.sites === undefined) {
    throw new DdsError('DDS_USAGE', `there are ${endpoints.length} sites: say at which`, {
      hint: `Add --site ${endpoints[0]!.site}, or --site all.`,
    });
  }
  const writing = new Writing(options, endpoints, context);
  try {
    return await writing.run(chunks, read);
  } finally {
    await writing.close();
  }
}

/** What makes a record of a line. Throws DDS_USAGE for options that do not fit. */
function lineReader(options: ProduceOptions, now: number): (text: string) => LineRecord {
  const headers = (options.headers ?? []).map(parseHeaderFlag);
  const { topic, key, keyField, partition = null, text = false } = options;
  const timestamp = options.timestamp === undefined ? null : timeOf(options.timestamp, now);
  if (topic === null) {
    const given = { '--key': key, '--key-field': keyField, '--partition': options.partition };
    const misplaced = Object.entries(given).find(([, value]) => value !== undefined);
    if (misplaced || timestamp !== null || text) {
      const flag = misplaced?.[0] ?? (text ? '--text' : '--timestamp');
      throw new DdsError('DDS_USAGE', `${flag} is for values; records of dds tail bring their own`, {
        hint: 'Name a topic before the file to send values: dds produce TOPIC FILE.',
      });
    }
    return (line) => {
      const record = parseRecord(line);
      return headers.length === 0 ? record : { ...record, headers: [...record.headers, ...headers] };
    };
  }
  return (line) => {
    const json = text ? line.replace(/\r$/, '') : parseJson(line);
    const keyJson = keyField === undefined ? (key ?? null) : fieldOf(json, keyField);
    return {
      ...{ site: null, topic, partition, timestamp, headers: headers as Header[] },
      key: { json: keyJson },
      value: { json },
    };
  };
}

function timeOf(text: string, now: number): number {
  const position = parsePosition(text, '--timestamp', now);
  if (position.kind === 'time') return position.ms;
  throw new DdsError('DDS_USAGE', `--timestamp ${text} is not a time`, {
    hint: 'Use @ms or a time such as 2026-01-31T08:00:00Z.',
  });
}

function fieldOf(value: unknown, path: string): unknown {
  let found = value;
  for (const step of path.split('.')) found = (found as Record<string, unknown> | null | undefined)?.[step];
  if (found === undefined) throw new BadLine(`there is no field ${path} to take the key from`);
  return found;
}

/** One run: reads, encodes, sends, counts. */
class Writing {
  readonly #options: ProduceOptions;
  readonly #context: RuntimeContext;
  readonly #writers: Map<string, SiteWriter>;
  readonly #sent = new Map<string, number>();
  #lines = 0;
  #skipped = 0;

  constructor(options: ProduceOptions, endpoints: readonly SiteEndpoints[], context: RuntimeContext) {
    this.#options = options;
    this.#context = context;
    const dryRun = options.dryRun ?? false;
    this.#writers = new Map(endpoints.map((one) => [one.site, new SiteWriter(one, context.clock, dryRun)]));
  }

  async run(chunks: AsyncIterable<string>, read: (text: string) => LineRecord): Promise<ProduceResult> {
    const { topic } = this.#options;
    const writers = [...this.#writers.values()];
    if (!this.#options.dryRun) await Promise.all(writers.map((writer) => writer.start()));
    // An unknown topic is told before the first line is read.
    if (topic !== null) await Promise.all(writers.map((writer) => writer.prepare(topic)));
    const bad = await this.#writeAll(chunks, read);
    await Promise.all(writers.map((writer) => writer.flush()));
    const result: ProduceResult = {
      ...{ lines: this.#lines, skipped: this.#skipped, dryRun: this.#options.dryRun ?? false },
      sent: [...this.#sent.values()].reduce((sum, count) => sum + count, 0),
      sites: [...this.#sent].map(([site, sent]) => ({ site, sent })),
    };
    if (bad) throw this.#refusal(bad, result);
    return result;
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#writers.values()].map((writer) => writer.close()));
  }

  /** Resolves with the line that ended it, or null at the end of the input. */
  async #writeAll(
    chunks: AsyncIterable<string>,
    read: (text: string) => LineRecord,
  ): Promise<{ line: InputLine; reason: string } | null> {
    const { signal, report } = this.#context;
    for await (const lines of abortable(lineBatches(chunks), signal)) {
      for (const line of lines) {
        this.#lines++;
        try {
          const record = read(line.text);
          const unprepared = this.#writersOf(record).filter((one) => !one.isPrepared(record.topic));
          if (unprepared.length > 0) await prepareAll(unprepared, record.topic);
          this.#write(record);
        } catch (error) {
          if (!(error instanceof BadLine)) throw error;
          if (!this.#options.skipBad) return { line, reason: error.message };
          this.#skipped++;
          report(`${inputName(this.#options.file)}:${line.number}: ${error.message}; left out`);
        }
      }
      for (const writer of this.#writers.values()) await writer.below();
    }
    return null;
  }

  #write(record: LineRecord): void {
    const writers = this.#writersOf(record);
    // Of several sites all or none take a line.
    const sends = writers.map((writer) => writer.encode(record));
    sends.forEach((send, at) => {
      const { site } = writers[at]!;
      send();
      this.#sent.set(site, (this.#sent.get(site) ?? 0) + 1);
    });
  }

  #writersOf({ site }: LineRecord): SiteWriter[] {
    const all = [...this.#writers.values()];
    if (this.#options.topic !== null || this.#options.sites !== undefined || all.length === 1) return all;
    if (site === null) throw new BadLine('there is no site; name one with --site');
    const writer = this.#writers.get(site);
    if (!writer) throw new BadLine(`there is no site ${site} here; name one with --site`);
    return [writer];
  }

  #refusal({ line, reason }: { line: InputLine; reason: string }, result: ProduceResult): DdsError {
    const before =
      result.sent === 0
        ? 'Nothing was sent'
        : `What stands before it ${result.dryRun ? 'fits' : 'was sent'} (${result.sent})`;
    return new DdsError('DDS_INPUT_INVALID', `${inputName(this.#options.file)}:${line.number}: ${reason}`, {
      hint: `${before}. Correct the line and go on from there, or leave bad lines out with --skip-bad.`,
      details: { ...result, line: line.number },
    });
  }
}

/** A record's own topic that is not there is the line's mistake. */
async function prepareAll(writers: readonly SiteWriter[], topic: string): Promise<void> {
  try {
    await Promise.all(writers.map((writer) => writer.prepare(topic)));
  } catch (thrown) {
    const error = DdsError.from(thrown);
    throw error.code === 'DDS_UNKNOWN_TOPIC' ? new BadLine(error.message) : error;
  }
}

/** Ends without an error when the signal aborts, also while the source says nothing. */
async function* abortable<T>(
  source: AsyncGenerator<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const aborted = new Promise<{ done: true; value: undefined }>((resolve) => {
    if (signal.aborted) resolve({ done: true, value: undefined });
    signal.addEventListener('abort', () => resolve({ done: true, value: undefined }), { once: true });
  });
  for (;;) {
    const next = await Promise.race([source.next(), aborted]);
    if (next.done) return;
    yield next.value;
  }
}
