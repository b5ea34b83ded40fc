import { runStreams } from 'dds-lab/service';
import { windowTopology } from './topology.ts';
import { readWindow } from './window.ts';

await runStreams(({ avro }) => windowTopology(avro, readWindow()), {
  onError: {
    deserialization: { deadLetterTopic: '{{name}}.dead-letter' },
  },
});
