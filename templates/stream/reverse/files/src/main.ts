import { createKafka, streams, t, topic, topology } from 'dds-lab/streams';

const { DDS_BROKERS = '127.0.0.1:9192', INPUT = '{{input}}', OUTPUT = '{{output}}' } = process.env;
const input = topic(INPUT, { key: t.string, value: t.bytes });
const output = topic(OUTPUT, { key: t.string, value: t.string });
const job = topology('{{name}}');
job
  .stream(input)
  .map((key) => [key, [...key].reverse().join('')], { key: t.string, value: t.string })
  .to(output);
const kafka = createKafka({ brokers: DDS_BROKERS.split(','), clientId: '{{name}}' });
const app = streams(job.build(), { kafka });
await app.start();
process.once('SIGTERM', () => void app.close().then(() => kafka.close()));
await app.ended;
