import { runStreams } from 'dds-lab/service';
import { enrichTopology } from './topology.ts';

await runStreams(({ avro }) => enrichTopology(avro), {
  onError: {
    deserialization: { deadLetterTopic: '{{name}}.dead-letter' },
  },
});
