import { keyedOnlyProcessor } from './processors/stateless.ts';
import { type StreamState, serdeOf } from './stream-state.ts';

/** Puts a topic of the job's own between a stream and what comes next, so that equal keys meet in one task. */
export function throughRepartition(state: StreamState, name: string, partitions: number | null): StreamState {
  const { graph } = state;
  const topic = `${name}-repartition`;
  const key = serdeOf(state.key, `the key of repartition topic ${topic}`);
  const value = serdeOf(state.value, `the value of repartition topic ${topic}`);
  // Kafka Streams takes three numbers here, whatever the nodes are called.
  for (const prefix of ['KSTREAM-SINK', 'KSTREAM-FILTER', 'KSTREAM-SOURCE']) graph.nextName(prefix);
  graph.addRepartition({ name: topic, partitions });
  const filter = graph.addProcessor(`${topic}-filter`, keyedOnlyProcessor, [state.node]);
  graph.addSink({
    name: `${topic}-sink`,
    parents: [filter],
    topic,
    isInternal: true,
    key,
    value,
    mapValue: null,
  });
  const node = graph.addSource(`${topic}-source`, { name: topic, key, value }, { isInternal: true });
  return { ...state, node, rekeyed: false };
}

/** The stream itself, or behind a repartition topic when its keys were changed. */
export function keyed(state: StreamState, as: string | null): StreamState {
  return state.rekeyed ? throughRepartition(state, as ?? state.node, null) : state;
}
