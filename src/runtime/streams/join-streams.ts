import { passProcessor } from './processors/stateless.ts';
import {
  joinWindowProcessor,
  type StreamJoin,
  streamStreamJoinProcessor,
} from './processors/stream-stream-join.ts';
import { keyed } from './repartition.ts';
import type { Serde } from './serde.ts';
import type { StoreSpec } from './stores/state-store.ts';
import { Stream } from './stream.ts';
import { type StreamJoinOptions, type StreamState, serdeOf } from './stream-state.ts';

/** Each side keeps a window of its records; each record looks into the other's. */
export function joinStreams(
  one: Stream<unknown, unknown>,
  other: Stream<unknown, unknown>,
  joiner: StreamJoin['joiner'],
  { as, logged = true, windows }: StreamJoinOptions,
  how: 'inner' | 'left' | 'outer',
): Stream<never, never> {
  const left = keyed(one.state, as === undefined ? null : `${as}-left`);
  const right = keyed(other.state, as === undefined ? null : `${as}-right`);
  const { graph } = left;
  const alone = { left: how !== 'inner', right: how === 'outer' };
  const [leftWindow, rightWindow] = [graph.nextName('KSTREAM-WINDOWED'), graph.nextName('KSTREAM-WINDOWED')];
  const onLeft = graph.nextName(alone.right ? 'KSTREAM-OUTERTHIS' : 'KSTREAM-JOINTHIS');
  const onRight = graph.nextName(alone.left ? 'KSTREAM-OUTEROTHER' : 'KSTREAM-JOINOTHER');
  const merge = graph.nextName('KSTREAM-MERGE');
  const keepsMs = windows.beforeMs + windows.afterMs + windows.graceMs;
  const store = (name: string, state: StreamState, value?: Serde<unknown>): string => {
    const spec: StoreSpec = {
      ...{ name, kind: 'window', logged, retentionMs: keepsMs, windowMs: 0 },
      key: serdeOf(state.key, `the key of store ${name}`),
      value: value ?? serdeOf(state.value, `the value of store ${name}`),
    };
    graph.addStore(spec);
    return name;
  };
  const join: StreamJoin = {
    ...{ windows, joiner, alone },
    left: store(as === undefined ? `${onLeft}-store` : `${as}-this-join-store`, left),
    right: store(as === undefined ? `${onRight}-store` : `${as}-other-join-store`, right),
    unmatched:
      how === 'inner'
        ? null
        : store(
            as === undefined
              ? `${graph.nextName('KSTREAM-OUTERSHARED')}-store`
              : `${as}-${how}-shared-join-store`,
            left,
            sided(serdeOf(left.value, 'the left side'), serdeOf(right.value, 'the right side')),
          ),
  };
  graph.addProcessor(leftWindow, joinWindowProcessor(join.left, keepsMs), [left.node], [join.left]);
  graph.addProcessor(rightWindow, joinWindowProcessor(join.right, keepsMs), [right.node], [join.right]);
  const shared = join.unmatched === null ? [] : [join.unmatched];
  graph.addProcessor(onLeft, streamStreamJoinProcessor(join, 'left'), [leftWindow], [join.right, ...shared]);
  graph.addProcessor(
    onRight,
    streamStreamJoinProcessor(join, 'right'),
    [rightWindow],
    [join.left, ...shared],
  );
  graph.addProcessor(merge, passProcessor, [onLeft, onRight]);
  graph.copartitioned.push([left.node, right.node]);
  return new Stream({ ...left, node: merge, value: null });
}

/** A value with the side that it is of. */
function sided(left: Serde<unknown>, right: Serde<unknown>): Serde<unknown> {
  return {
    encode(unmatched, topic) {
      const { side, value } = unmatched as { side: 'left' | 'right'; value: unknown };
      const bytes = (side === 'left' ? left : right).encode(value, topic);
      return Buffer.concat([Buffer.from([side === 'left' ? 0 : 1]), bytes]);
    },
    decode(bytes, topic) {
      const side = bytes[0] === 0 ? 'left' : 'right';
      return { side, value: (side === 'left' ? left : right).decode(bytes.subarray(1), topic) };
    },
  };
}
