/**
 * What a sink costs: `node bench/sink.ts [rate] [seconds]` sends temperature data to a broker and prints the CPU time and
 * memory of the sink's process, its rows a second while catching up, and the latency until a row is committed.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { avroType, createWireEncoder } from '../src/runtime/serde/avro.ts';
import { createRegistryClient, thesisSchema } from '../src/runtime/serde/index.ts';
import { startSinkSite } from '../test/support/sink.ts';

const rate = Number(process.argv[2] ?? 5000);
const seconds = Number(process.argv[3] ?? 15);
const topic = 'temperature-data';
const backlog = 200_000;
await using site = await startSinkSite();
await site.createTopic({ name: topic, partitions: 4 });
const schema = thesisSchema('TemperatureData');
const id = await createRegistryClient(site.registryUrl).register(`${topic}-value`, schema);
const encode = createWireEncoder(id, avroType(schema));
const producer = site.kafka.producer({ lingerMs: 5 });
await producer.start();
let sent = 0;

function send(): void {
  const now = Date.now();
  const sensor = `edge-1-sensor-${sent % 1000}`;
  const intended = Buffer.alloc(8);
  intended.writeBigInt64BE(BigInt(now) * 1000n);
  const value = encode({ sensor_id: sensor, timestamp: now, temperature: sent / 7, unit: 'C' });
  producer.append(
    topic,
    sent % 4,
    Buffer.from(sensor),
    value,
    now,
    [{ key: 'dds-intended', value: intended }],
    0,
  );
  sent++;
}

for (let i = 0; i < backlog; i++) send();
await producer.flush();

const socket = join(site.directory, 'sink.sock');
const options = {
  site: 'edge-1',
  brokers: site.brokers,
  registry: site.registryUrl,
  store: `duckdb:${join(site.directory, 'store.duckdb')}`,
  topics: ['*'],
  exclude: [],
  http: `unix:${socket}`,
  logLevel: 'warn',
};
const entry = fileURLToPath(new URL('../test/support/sink-process.ts', import.meta.url));
const flags = (process.env.SINK_NODE_FLAGS ?? '').split(' ').filter(Boolean);
const sink = spawn(process.execPath, [...flags, entry, JSON.stringify(options)], { stdio: 'inherit' });
try {
  const ready = await until(async () => (await call('GET', '/info')) !== null);
  await until(async () => ((await call('GET', '/info')) as { rows: number }).rows >= backlog);
  const catchUpMs = performance.now() - ready;
  print('catching up', `${Math.round(backlog / (catchUpMs / 1000))} rows/s`, usage(), '');
  await call('POST', '/latency/reset', {});
  const before = cpuMs();
  const first = sent;
  const t0 = performance.now();
  while (performance.now() - t0 < seconds * 1000) {
    while (sent - first < ((performance.now() - t0) / 1000) * rate) send();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await producer.flush();
  await until(async () => ((await call('GET', '/info')) as { rows: number }).rows >= sent);
  const rows = sent - first;
  const usedMs = cpuMs() - before;
  const latency = (await call('GET', '/latency')) as { p50Ms: number; p99Ms: number; maxMs: number };
  print(
    `${rate}/s for ${seconds} s`,
    `${((usedMs * 1000) / rows).toFixed(2)} µs CPU a row, ${((usedMs / seconds / 1000) * 100).toFixed(1)} % of a core`,
    usage(),
    `latency p50 ${latency.p50Ms} p99 ${latency.p99Ms} max ${latency.maxMs} ms`,
  );
  print('commits', String(((await call('GET', '/info')) as { commits: number }).commits));
} finally {
  sink.kill('SIGTERM');
  await once(sink, 'exit');
}

function print(...parts: string[]): void {
  process.stdout.write(`${parts.filter(Boolean).join(' · ')}\n`);
}

function usage(): string {
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${sink.pid}/status`, 'utf8'))?.[1];
  return `${Math.round(Number(rss) / 1024)} MiB resident`;
}

function cpuMs(): number {
  const fields = readFileSync(`/proc/${sink.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function until(done: () => Promise<boolean>): Promise<number> {
  while (!(await done().catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 5));
  return performance.now();
}

function call(method: string, path: string, body?: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const out = request({ socketPath: socket, method, path }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString())));
    });
    out.on('error', reject);
    out.end(body && JSON.stringify(body));
  });
}
