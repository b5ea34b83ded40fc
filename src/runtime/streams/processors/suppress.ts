import { afterwards, type Done, eachInOrder } from '../done.ts';
import type { Change, Headers, ProcessorFactory } from '../processor.ts';
import type { Serde } from '../serde.ts';
import type { KeyValueStore, Row } from '../stores/key-value-store.ts';
import type { Windowed } from '../windows.ts';

export interface SuppressOptions {
  /** `closed`: one result a window, when it closes. `limit`: the latest after `waitMs` of stream time. */
  until: 'closed' | 'limit';
  /** With `closed` the grace of the windows, and of sessions the gap besides. */
  waitMs: number;
  /** Sessions close strictly after their time. */
  strict: boolean;
  /** null for no bound. */
  maxRecords: number | null;
  /** Only with `limit`: emit the oldest instead of failing. */
  emitEarly: boolean;
}

interface Waiting {
  readonly id: string;
  readonly key: unknown;
  readonly headers: Headers;
  /** When its time began, ms. */
  readonly since: number;
}

/** Holds a table's updates back until they are final, or for a while. */
export const suppressProcessor =
  (node: string, storeName: string, keys: Serde<unknown>, options: SuppressOptions): ProcessorFactory =>
  (context) => {
    const store = context.store<KeyValueStore>(storeName);
    const { until, waitMs, strict, maxRecords, emitEarly } = options;
    // By the key's bytes: they decide where times are equal, as in Kafka Streams.
    const waiting = new Map<string, Waiting>();
    let observed = -1;
    const idOf = (key: unknown) => Buffer.from(keys.encode(key, storeName)).toString('latin1');

    const emit = ({ id, key, headers }: Waiting): Done => {
      const row = store.get(key) as Row;
      waiting.delete(id);
      store.put(key, null, row.timestamp);
      const { now } = row.value as { now: unknown };
      // Nobody has seen a row of a window that is taken back before it closes.
      if (until === 'closed' && now === null) return;
      return context.forward(key, { now, before: null }, row.timestamp, headers);
    };
    const due = () => {
      const limit = observed - waitMs;
      return [...waiting.values()]
        .filter(({ since }) => (strict ? since < limit : since <= limit))
        .sort((a, b) => a.since - b.since || (a.id < b.id ? -1 : 1));
    };
    const oldest = () => [...waiting.values()].reduce((a, b) => (b.since < a.since ? b : a));
    const makeRoom = (): Done => {
      if (maxRecords === null || waiting.size <= maxRecords) return;
      if (!emitEarly) {
        throw new Error(
          `${node} holds ${waiting.size} records back and may hold ${maxRecords}; give it room for more`,
        );
      }
      return afterwards(emit(oldest()), makeRoom);
    };

    return {
      process(key, value, timestamp, headers) {
        const { now } = value as Change<unknown>;
        observed = Math.max(observed, context.streamTime());
        const id = idOf(key);
        const since =
          until === 'closed' ? (key as Windowed<unknown>).end : (waiting.get(id)?.since ?? timestamp);
        waiting.set(id, { id, key, headers, since });
        store.put(key, { now }, timestamp);
        return afterwards(eachInOrder(due(), emit), makeRoom);
      },
    };
  };
