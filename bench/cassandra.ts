/**
 * Our sink against one that writes as the thesis's did, into one Cassandra and in one run:
 *   node bench/cassandra.ts 127.0.0.1:9042 [--records 200000] [--sensors 1000] [--baseline-seconds 8]
 * The baseline reads the same topic and sends one INSERT a record, its values in the statement's text, and waits for each. Broker,
 * registry and sink share this process; Cassandra has the rest of the machine.
 */
import { parseArgs } from 'node:util';
import driver from 'cassandra-driver';
import { CassandraStore } from '../src/runtime/jobs/sinks/cassandra/cassandra-store.ts';
import { cassandraOptions } from '../src/runtime/jobs/sinks/cassandra/options.ts';
import { avroType, createWireEncoder } from '../src/runtime/serde/avro.ts';
import { AvroDecoder, createRegistryClient, thesisSchema } from '../src/runtime/serde/index.ts';
import { silentLogger } from '../src/shared/logger.ts';
import { startSinkSite } from '../test/support/sink.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string', default: '200000' },
    sensors: { type: 'string', default: '1000' },
    'baseline-seconds': { type: 'string', default: '8' },
  },
});
const contactPoint = positionals[0] ?? '127.0.0.1:9042';
const records = Number(values.records);
const sensors = Number(values.sensors);
const topic = 'temperature-data';
const partitions = 4;
const keyspace = `bench_${Date.now()}`;

await using site = await startSinkSite();
await site.createTopic({ name: topic, partitions });
const schema = thesisSchema('TemperatureData');
const registry = createRegistryClient(site.registryUrl);
const encode = createWireEncoder(await registry.register(`${topic}-value`, schema), avroType(schema));
const producer = site.kafka.producer({ lingerMs: 5 });
await producer.start();
const from = Date.now() - (records / sensors) * 1000;
for (let i = 0; i < records; i++) {
  // Each sensor once a second, as they send.
  const sensor = i % sensors;
  const now = from + Math.floor(i / sensors) * 1000;
  const id = `edge-1-sensor-${sensor}`;
  const value = encode({ sensor_id: id, timestamp: now, temperature: i / 7, unit: 'C' });
  producer.append(topic, sensor % partitions, Buffer.from(id), value, now, null, 0);
  if (i % 20_000 === 0) await producer.flush();
}
await producer.flush();

const client = new driver.Client({ contactPoints: [contactPoint], localDataCenter: 'datacenter1' });
await client.connect();
await client.execute(
  `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', 'datacenter1': 1}`,
);
await client.execute(
  `CREATE TABLE ${keyspace}.thesis
    (id text, ts timestamp, temp double, unit text, deltat bigint, PRIMARY KEY (id, ts))`,
);
// Before and after: what else the machine does then weighs on both.
const before = await thesis();
const sinkRate = await ours();
const after = await thesis();
const baselineRate = (before + after) / 2;
await client.execute(`DROP KEYSPACE ${keyspace}`, [], { readTimeout: 60_000 });
await client.shutdown();
print(`${records} records of ${sensors} sensors, Cassandra at ${contactPoint}`);
print(`one string-built INSERT a record   ${baselineRate.toFixed(0).padStart(8)} rows/s`);
print(`  before and after                 ${before.toFixed(0).padStart(8)} ${after.toFixed(0)}`);
print(`our sink                           ${sinkRate.toFixed(0).padStart(8)} rows/s`);
print(`ratio                              ${(sinkRate / baselineRate).toFixed(1).padStart(8)}`);

/** Rows a second of the sink while it catches up, from its first row on. */
async function ours(): Promise<number> {
  const options = await cassandraOptions(`cassandra://${contactPoint}/${keyspace}`, {});
  const store = new CassandraStore(options, { site: 'edge-1', log: silentLogger });
  // The table first: making it takes longer than filling it.
  const sink = await site.sink({ store });
  const rows = () => sink.partitions().reduce((sum, stats) => sum + stats.rows, 0);
  await until(() => rows() > 0);
  const [t0, first] = [performance.now(), rows()];
  await until(() => rows() >= records);
  const rate = (records - first) / ((performance.now() - t0) / 1000);
  const { rows: stored } = await store.count('temperature_data', [], new AbortController().signal);
  if (stored !== records) throw new Error(`${stored} rows of ${records} records`);
  await sink.stop();
  return rate;
}

async function thesis(): Promise<number> {
  const fetcher = site.kafka.fetcher();
  for (let partition = 0; partition < partitions; partition++) fetcher.seek(topic, partition, 0);
  const decoder = new AvroDecoder(registry);
  let written = 0;
  const t0 = performance.now();
  const end = t0 + Number(values['baseline-seconds']) * 1000;
  while (performance.now() < end && written < records) {
    for (const { records: cursor } of (await fetcher.poll(100)).partitions) {
      while (performance.now() < end && cursor.next()) {
        const { value } = await decoder.decode(cursor.value());
        const { sensor_id, timestamp, temperature, unit } = value as Record<string, string | number>;
        await client.execute(
          `INSERT INTO ${keyspace}.thesis (id, ts, temp, unit, deltat)
           VALUES ('${sensor_id}', ${timestamp}, ${temperature}, '${unit}', ${Date.now() - Number(timestamp)})`,
        );
        written++;
      }
    }
  }
  const rate = written / ((performance.now() - t0) / 1000);
  await fetcher.close();
  return rate;
}

async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
