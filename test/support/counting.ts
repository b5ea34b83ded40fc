import { t, topic, topology } from '../../src/runtime/streams/index.ts';

export const words = topic('words', { key: t.string, value: t.string });
export const counted = topic('counted', { key: t.string, value: t.long });

/** Counts words in a store with a changelog; behind a repartition topic, or by the keys that they have. */
export function counting(how: 'by-key' | 'repartitioned') {
  const b = topology('count');
  const stream = b.stream(words);
  const grouped =
    how === 'by-key'
      ? stream.groupByKey()
      : stream.groupBy((_key, word) => word, { as: 'by-word', key: t.string });
  grouped.count({ as: 'counts' }).toStream().to(counted);
  return b.build();
}
