import { runStreams } from 'dds-lab/service';
import { readLimits } from './limits.ts';
import { thresholdTopology } from './topology.ts';

await runStreams(({ avro }) => thresholdTopology(avro, readLimits()), {
  onError: {
    deserialization: { deadLetterTopic: '{{name}}.dead-letter' },
  },
});
