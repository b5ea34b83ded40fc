/** What every client is put through, in this order. Each program prints one line of JSON for each of them. */
export const operations = [
  'metadata',
  'topics: create',
  'produce: none',
  'produce: gzip',
  'produce: snappy',
  'produce: lz4',
  'produce: zstd',
  'produce: idempotent',
  'consume: from the start',
  'consume: from an offset',
  'consume: from a time',
  'consume: what other clients wrote',
  'group: two members',
  'group: one leaves',
  'group: goes on from its commit',
  'group: consumer protocol',
  'transaction: committed',
  'transaction: aborted',
  'transaction: with offsets',
  'transaction: fenced',
  'groups: list, describe',
  'groups: alter offsets',
  'groups: delete',
  'configs: describe, alter',
  'topics: add partitions',
  'topics: list offsets',
  'topics: delete records',
  'topics: delete',
] as const;

export type Operation = (typeof operations)[number];

/** What a program tells of one operation; `ok` is null where the client has no such thing. */
export interface Outcome {
  op: Operation;
  ok: boolean | null;
  detail: string;
}

/** The frame of a client's program in Node: its arguments, and the operations one after the other. */
export function script() {
  const [brokers = '127.0.0.1:9092', prefix = 'node'] = process.argv.slice(2);
  const print = (outcome: Outcome) => process.stdout.write(`${JSON.stringify(outcome)}\n`);
  /** Runs one operation; what it returns is told, and what it throws is its failure. */
  async function op(name: Operation, run: () => Promise<string>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('not within 30 s')), 30_000);
    });
    try {
      print({ op: name, ok: true, detail: await Promise.race([run(), late]) });
    } catch (error) {
      print({ op: name, ok: false, detail: error instanceof Error ? error.message : String(error) });
    } finally {
      clearTimeout(timer);
    }
  }
  const lacks = (name: Operation, detail: string) => print({ op: name, ok: null, detail });
  return { brokers: brokers.split(','), prefix, op, lacks };
}

/** Throws when it does not hold; `seen` is put into words. */
export function check(holds: boolean, expected: string, seen?: unknown): asserts holds {
  if (holds) return;
  const text = JSON.stringify(seen, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  throw new Error(seen === undefined ? expected : `${expected}, but got ${text}`);
}

export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export const padding = 'x'.repeat(100);
