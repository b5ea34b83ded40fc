import { runService } from 'dds-lab/service';
import { readOptions } from './options.ts';
import { rounds } from './sensors.ts';
import { readings } from './topics.ts';

const name = '{{name}}';

await runService(name, async ({ site, signal, log, avro, openProducer }) => {
  const options = readOptions();
  const producer = await openProducer(readings(avro));
  log.info({ ...options }, `measuring for ${producer.topic.name}`);
  for await (const round of rounds(site, options, signal)) {
    for (const reading of round) {
      const hasRoom = producer.add(reading.sensor_id, reading, { timestamp: reading.timestamp });
      if (!hasRoom) await producer.drain();
    }
  }
  // What is still on its way when the signal comes is sent before the process ends.
});
