import { runStreams } from 'dds-lab/service';
import { reverseTopology } from './topology.ts';

await runStreams(({ avro }) => reverseTopology(avro), {
  onError: {
    deserialization: { deadLetterTopic: '{{name}}.dead-letter' },
  },
});
