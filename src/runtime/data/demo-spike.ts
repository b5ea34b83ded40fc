import { kafkaAt, registryAt } from '../../shared/access.ts';
import type { RuntimeContext } from '../../shared/context.ts';
import { createKafka, partitionFor } from '../kafka/index.ts';
import { avroType, createRegistryClient, createWireEncoder, thesisSchema } from '../serde/index.ts';
import { logs } from '../stack/logs.ts';
import type { SiteEndpoints } from '../stack/types.ts';
import { registerEntries } from './registrations.ts';

const sensor = 'oven-1';
/** °C, a reading each 100 ms: above 100 °C from the second on, and back below 99.5 °C with the last. */
const temperatures = [92, 101, 108.5, 112, 107, 100.2, 93];

/** How many readings the spike adds to those of the load. */
export const spikeReadings = temperatures.length;

/** Registers an oven at an edge and lets it get too hot for a moment; resolves when all readings are acknowledged. */
export async function sendSpike(site: SiteEndpoints, context: RuntimeContext): Promise<void> {
  await registerEntries(site, {
    devices: [{ id: 'kitchen', name: 'Kitchen', description: '', location: 'Stuttgart' }],
    sensorTypes: [{ id: 'oven', name: 'Oven', description: '', unit: '°C' }],
    sensors: [{ id: sensor, name: 'Oven', description: '', deviceId: 'kitchen', sensorTypeId: 'oven' }],
  });
  const topic = 'temperature-data';
  const schema = thesisSchema('TemperatureData');
  const id = await createRegistryClient(registryAt(site)).register(`${topic}-value`, schema);
  const encode = createWireEncoder(id, avroType(schema));
  const kafka = createKafka(kafkaAt(site, 'dds-demo'));
  const producer = kafka.producer();
  try {
    await producer.start();
    const key = Buffer.from(sensor);
    const partition = partitionFor(key, await producer.partitionCount(topic));
    const from = context.clock.now() - 100 * temperatures.length;
    temperatures.forEach((temperature, at) => {
      const timestamp = from + 100 * at;
      const value = encode({ sensor_id: sensor, timestamp, temperature, unit: 'C' });
      producer.append(topic, partition, key, value, timestamp, null, 0);
    });
    await producer.flush();
  } finally {
    await producer.close();
    await kafka.close();
  }
}

/** What the notifier's console said of the spike: a START and an END, or what has come within the time. */
export async function spikeMessages(timeoutMs: number, context: RuntimeContext): Promise<string[]> {
  const { clock, signal } = context;
  const deadline = clock.monotonic() + timeoutMs;
  for (; ; await clock.sleep(50, signal)) {
    const said: string[] = [];
    for await (const { message, fields } of logs(
      { stack: 'demo', services: ['central/notifier'], lines: 1000 },
      context,
    )) {
      if (fields.channel === 'console' && fields.sensor === sensor) said.push(message);
    }
    if (said.length >= 2 || clock.monotonic() > deadline) return said;
  }
}
