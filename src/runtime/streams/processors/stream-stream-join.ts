import { afterwards, type Done, eachInOrder, whenDone } from '../done.ts';
import type { Headers, ProcessorFactory } from '../processor.ts';
import type { WindowRow, WindowStore } from '../stores/window-store.ts';
import type { JoinWindows } from '../windows.ts';
import type { Joiner } from './joins.ts';
import { defined } from './stateless.ts';

export interface StreamJoin {
  left: string;
  right: string;
  /** Records that have found nothing yet; null for an inner join. */
  unmatched: string | null;
  windows: JoinWindows;
  joiner: Joiner;
  /** Whether a record of that side that finds nothing is a result. */
  alone: { left: boolean; right: boolean };
}

interface Unmatched {
  side: 'left' | 'right';
  value: unknown;
}

/** Puts a record into the window of its side. */
export const joinWindowProcessor =
  (storeName: string, keepsMs: number): ProcessorFactory =>
  (context) => {
    const store = context.store<WindowStore>(storeName);
    let observed = -1;
    return {
      process(key, value, timestamp, headers) {
        if (key !== null && value !== null) {
          observed = Math.max(observed, timestamp);
          if (timestamp < observed - keepsMs) context.drop('late');
          else store.put({ key, start: timestamp, end: timestamp, value, timestamp }, true);
        }
        return context.forward(key, value, timestamp, headers);
      },
    };
  };

/** One side of a stream-stream join: looks its record up in the other's window. */
export const streamStreamJoinProcessor =
  (join: StreamJoin, side: 'left' | 'right'): ProcessorFactory =>
  (context) => {
    const { windows, joiner, alone } = join;
    const isLeft = side === 'left';
    const others = context.store<WindowStore>(isLeft ? join.right : join.left);
    const unmatched = join.unmatched === null ? null : context.store<WindowStore>(join.unmatched);
    const [beforeMs, afterMs] = isLeft
      ? [windows.beforeMs, windows.afterMs]
      : [windows.afterMs, windows.beforeMs];
    const apply = (key: unknown, own: unknown, other: unknown) =>
      isLeft ? joiner(own, other, key) : joiner(other, own, key);

    const emitExpired = (headers: Headers): Done => {
      const streamTime = context.streamTime();
      const expired = [...unmatched!.entries()]
        .filter(({ value, start }) => {
          const from = (value as Unmatched).side;
          const reachMs = from === 'left' ? windows.afterMs : windows.beforeMs;
          return start + reachMs + windows.graceMs < streamTime;
        })
        .sort((a, b) => a.start - b.start);
      return eachInOrder(expired, (row) => {
        unmatched!.put({ ...row, value: null });
        const { side: from, value } = row.value as Unmatched;
        const joined = from === 'left' ? joiner(value, null, row.key) : joiner(null, value, row.key);
        return whenDone(joined, (result) => context.forward(row.key, defined(result), row.start, headers));
      });
    };

    return {
      process(key, value, timestamp, headers) {
        if (value === null) return context.drop('null-value');
        if (key === null) {
          if (!alone[side]) return context.drop('null-key');
          // KIP-962: it can never find another, so it goes on at once.
          return whenDone(apply(null, value, null), (joined) =>
            context.forward(null, defined(joined), timestamp, headers),
          );
        }
        const expired = unmatched && timestamp >= context.streamTime() ? emitExpired(headers) : undefined;
        return afterwards(expired, () => {
          const found = others.fetch(key, Math.max(0, timestamp - beforeMs), timestamp + afterMs);
          if (found.length === 0) return keep(key, value, timestamp, headers);
          return eachInOrder(found, (other: WindowRow) => {
            if (unmatched?.get(key, other.start, endOf(other.start, !isLeft)))
              unmatched.put({ ...other, end: endOf(other.start, !isLeft), value: null });
            const at = Math.max(timestamp, other.timestamp);
            return whenDone(apply(key, value, other.value), (joined) =>
              context.forward(key, defined(joined), at, headers),
            );
          });
        });
      },
    };

    function keep(key: unknown, value: unknown, timestamp: number, headers: Headers): Done {
      if (!unmatched || !alone[side]) return;
      if (timestamp + afterMs < context.streamTime()) {
        return whenDone(apply(key, value, null), (joined) =>
          context.forward(key, defined(joined), timestamp, headers),
        );
      }
      const end = endOf(timestamp, isLeft);
      unmatched.put({ key, start: timestamp, end, value: { side, value }, timestamp }, true);
    }
  };

/** Both sides share one store: their rows differ in the end. */
const endOf = (start: number, isLeft: boolean) => (isLeft ? start : start + 1);
