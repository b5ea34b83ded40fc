import { type AvroSerdes, type Topology, t, topic, topology } from 'dds-lab/streams';
import { type Text, textSchema } from './records.ts';

export const topics = (avro: AvroSerdes) => ({
  input: topic('{{input}}', {
    key: t.string,
    value: avro.of<Text>(textSchema),
  }),
  output: topic('{{output}}', {
    key: t.string,
    value: avro.of<Text>(textSchema),
  }),
});

/** The job: each text backwards, under the same key. */
export function reverseTopology(avro: AvroSerdes): Topology {
  const { input, output } = topics(avro);
  const builder = topology('{{name}}');
  builder
    .stream(input)
    .mapValues(({ text }) => ({ text: reverse(text) }))
    .to(output);
  return builder.build();
}

const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** By what people take for one character: accents and flags stay whole. */
export function reverse(text: string): string {
  return Array.from(characters.segment(text), ({ segment }) => segment)
    .reverse()
    .join('');
}
