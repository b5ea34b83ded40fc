import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKafka, type Header, type Kafka } from '../../src/runtime/kafka/index.ts';
import { avroType, createRegistryClient, encodeWire, thesisSchema } from '../../src/runtime/serde/index.ts';
import { launcher, type Workspace, workspace } from './cli.ts';
import { status } from './stack.ts';
import { openTerminal, type Terminal } from './tmux.ts';

const topology = `
name: views
sites: { edge-1: { store: none }, central: { store: none } }
topics:
  readings: { schema: TemperatureData, configs: { retention.ms: -1 } }
  notes: { configs: { retention.ms: -1 } }
`;
/** 2024-01-31T08:00:00Z: far enough back for the date to be shown whenever the test runs. */
export const startMs = Date.UTC(2024, 0, 31, 8);

export interface NewRecord {
  site: 'edge-1' | 'central';
  topic: string;
  key: string | null;
  value: Buffer | string | null;
  timestamp: number;
  headers?: readonly Header[];
}

/** Two sites without jobs, so that nothing is in them but what a test writes. */
export interface TailLab extends AsyncDisposable {
  space: Workspace;
  kafka: Record<'edge-1' | 'central', Kafka>;
  reading(timestamp: number, temperature: number): Buffer;
  produce(records: Iterable<NewRecord>): Promise<void>;
  /** `dds tail …` in a terminal. */
  tail(
    args: string,
    options?: { columns?: number; rows?: number; env?: Record<string, string> },
  ): Promise<Terminal>;
}

export async function startTailLab(): Promise<TailLab> {
  const space = workspace();
  writeFileSync(join(space.directory, 'dds.yaml'), topology);
  const up = await space.dds(['up', '--ports', 'auto']);
  if (up.code !== 0) {
    await space[Symbol.asyncDispose]();
    throw new Error(up.stderr);
  }
  const { sites } = await status(space);
  const endpoints = (name: string) => sites.find(({ site }) => site === name)!;
  const open = (name: string) => createKafka({ brokers: endpoints(name).brokers, clientId: 'test' });
  const kafka = { 'edge-1': open('edge-1'), central: open('central') };
  const schema = thesisSchema('TemperatureData');
  const type = avroType(schema);
  const id = await createRegistryClient(endpoints('edge-1').registryUrl).register('readings-value', schema);
  await createRegistryClient(endpoints('central').registryUrl).register('readings-value', schema);
  return {
    space,
    kafka,
    reading: (timestamp, temperature) =>
      encodeWire(id, type, { sensor_id: 's-1', timestamp, temperature, unit: 'C' }),
    async produce(records) {
      const producers = { 'edge-1': kafka['edge-1'].producer(), central: kafka.central.producer() };
      const all = Object.values(producers);
      await Promise.all(all.map((producer) => producer.start()));
      await Promise.all(
        all.map((producer) =>
          Promise.all(['readings', 'notes'].map((topic) => producer.partitionCount(topic))),
        ),
      );
      for (const { site, topic, key, value, timestamp, headers } of records) {
        const producer = producers[site];
        const bytes = typeof value === 'string' ? Buffer.from(value) : value;
        producer.append(
          topic,
          0,
          key === null ? null : Buffer.from(key),
          bytes,
          timestamp,
          headers ?? null,
          0,
        );
        if (producer.pendingRecords > 50_000) await producer.below(20_000);
      }
      await Promise.all(all.map((producer) => producer.flush()));
      await Promise.all(all.map((producer) => producer.close()));
    },
    tail: (args, { columns = 80, rows = 24, env = {} } = {}) =>
      openTerminal(`'${process.execPath}' '${launcher}' tail ${args}`, {
        ...{ cwd: space.directory, columns, rows },
        env: { TZ: 'UTC', ...env },
      }),
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(kafka).map((one) => one.close()));
      await space[Symbol.asyncDispose]();
    },
  };
}
