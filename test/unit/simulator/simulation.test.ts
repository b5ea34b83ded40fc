import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import { createRegistry } from '../../../src/runtime/registry/index.ts';
import { avroType } from '../../../src/runtime/serde/avro.ts';
import { thesisSchema } from '../../../src/runtime/serde/thesis-schemas.ts';
import { wireHeaderBytes } from '../../../src/runtime/serde/wire.ts';
import {
  asTemperatureData,
  constantSchedule,
  recordedFleet,
  recordedReadings,
  Simulation,
  type SimulationContext,
  type SimulationOptions,
  type SimulationProgress,
  type SimulationSite,
  simulatedFleet,
  simulatedReadings,
  unpacedSchedule,
} from '../../../src/runtime/simulator/index.ts';
import { RecordingBuilder } from '../../../src/runtime/simulator/replay/recording.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { silentLogger } from '../../../src/shared/logger.ts';
import { startBroker } from '../../support/broker.ts';

const topic = 'temperature-data';
const partitions = 4;
const type = avroType(thesisSchema('TemperatureData'));

interface Reading {
  sensor_id: string;
  timestamp: number;
  temperature: number;
  unit: string;
}
interface Stored {
  key: string;
  timestamp: number;
  intendedUs: number;
  value: Reading;
}

/** A site's broker and registry, with the topic. */
async function startSite(site: string) {
  const stack = new AsyncDisposableStack();
  try {
    const { brokers, broker } = stack.use(await startBroker());
    const kafka = createKafka({ brokers, clientId: 'test' });
    stack.defer(() => kafka.close());
    await kafka.admin().createTopics([{ name: topic, partitions }]);
    const registry = createRegistry({
      kafka: { brokers, clientId: 'registry' },
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    });
    stack.defer(() => registry.stop());
    await registry.start(new AbortController().signal);
    const endpoints: SimulationSite = { site, brokers, registryUrl: registry.url };
    return { endpoints, kafka, broker, [Symbol.asyncDispose]: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function stored(kafka: Kafka): Promise<{ total: number; records: Stored[] }> {
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }));
  const ends = await kafka.admin().offsets(all, 'latest');
  const total = ends.reduce((sum, end) => sum + end, 0);
  const fetcher = kafka.fetcher();
  const records: Stored[] = [];
  try {
    for (const { partition } of all) fetcher.seek(topic, partition, 0);
    while (records.length < total) {
      for (const { records: cursor } of (await fetcher.poll(5000)).partitions) {
        while (cursor.next()) {
          records.push({
            key: cursor.key()!.toString(),
            timestamp: cursor.timestamp,
            intendedUs: Number(cursor.header('dds-intended')!.readBigInt64BE()),
            value: type.fromBuffer(Buffer.from(cursor.value()!.subarray(wireHeaderBytes))) as Reading,
          });
        }
      }
    }
  } finally {
    await fetcher.close();
  }
  return { total, records };
}

const parameters = { base: 20, target: 80, noise: 0.1 };

function load(sites: SimulationSite[], more: Partial<SimulationOptions> = {}): SimulationOptions {
  const names = sites.map(({ site }) => site);
  return {
    topic,
    sites,
    fleet: simulatedFleet(names, 7, 'C'),
    schedule: constantSchedule(2000, { count: 2000 }),
    readings: asTemperatureData(simulatedReadings(1, 'C', parameters)),
    seed: 1,
    maxInFlight: 100_000,
    catchUp: '2x',
    warmupMs: 0,
    ...more,
  };
}

const run = (options: SimulationOptions, context: Partial<SimulationContext> = {}) =>
  new Simulation(options, {
    clock: systemClock,
    signal: new AbortController().signal,
    ...context,
  }).run();

test('what was acknowledged is at the broker: key, times, header and value', async () => {
  await using one = await startSite('edge-1');
  await using two = await startSite('edge-2');
  const before = Date.now();
  const progress: SimulationProgress[] = [];
  const result = await run(load([one.endpoints, two.endpoints]), {
    onProgress: (report) => progress.push(report),
  });
  const after = Date.now();
  expect(result).toMatchObject({ target: 2000, sent: 2000, acked: 2000, failed: 0, overrun: 0, error: null });
  expect(result.sites).toMatchObject({
    'edge-1': { sensors: 4, failed: 0 },
    'edge-2': { sensors: 3, failed: 0 },
  });
  expect(result.response_us.count).toBe(2000);
  expect(result.response_us.p50).toBeGreaterThanOrEqual(result.service_us.min);
  expect(progress.length).toBeGreaterThan(1);

  for (const [site, counts] of [
    [one, result.sites['edge-1']!],
    [two, result.sites['edge-2']!],
  ] as const) {
    const { total, records } = await stored(site.kafka);
    expect(total).toBe(counts.acked);
    expect(new Set(records.map(({ key }) => key)).size).toBe(counts.sensors);
    for (const { key, timestamp, intendedUs, value } of records) {
      expect(key).toMatch(new RegExp(`^${site.endpoints.site}-sensor-[1-4]$`));
      expect(value).toMatchObject({ sensor_id: key, timestamp, unit: 'C' });
      expect(Math.floor(intendedUs / 1000)).toBe(timestamp);
      expect(timestamp).toBeGreaterThanOrEqual(before - 1);
      expect(timestamp).toBeLessThanOrEqual(after);
    }
    // 1 s is the whole run: the temperature has hardly left its base.
    expect(Math.max(...records.map(({ value }) => value.temperature))).toBeLessThan(23);
  }
});

test('a replay keeps the recorded times in the value and puts the present into the record', async () => {
  await using site = await startSite('edge-1');
  const recording = new RecordingBuilder();
  const dayMs = 86_400_000;
  const first = Date.UTC(2012, 0, 1);
  for (let day = 0; day < 500; day++) {
    for (const [i, sensorId] of ['Seattle', 'New York'].entries()) {
      recording.add({ sensorId, timeMs: first + day * dayMs, temperature: day / 10 + i * 1000, unit: 1 });
    }
  }
  const readings = recording.build();
  const before = Date.now();
  const result = await run(
    load([site.endpoints], {
      fleet: recordedFleet(['edge-1'], readings.sensorIds, 'F', 'weather.csv'),
      readings: asTemperatureData(recordedReadings(readings, false)),
      schedule: unpacedSchedule(1000),
      seed: null,
    }),
  );
  expect(result).toMatchObject({ target: null, verdict: 'VALID', acked: 1000, sensors: 2 });
  const { records } = await stored(site.kafka);
  const seattle = records.filter(({ key }) => key === 'Seattle').map(({ value }) => value);
  expect(seattle).toEqual(
    Array.from({ length: 500 }, (_, day) => ({
      sensor_id: 'Seattle',
      timestamp: first + day * dayMs,
      temperature: day / 10,
      unit: 'F',
    })),
  );
  expect(Math.min(...records.map(({ timestamp }) => timestamp))).toBeGreaterThanOrEqual(before - 1);
});

test('an interrupted run waits for what is under way and sums up', async () => {
  await using site = await startSite('edge-1');
  const controller = new AbortController();
  const result = await run(load([site.endpoints], { schedule: constantSchedule(2000) }), {
    signal: controller.signal,
    onProgress: ({ acked }) => acked > 0 && controller.abort(),
  });
  expect(result).toMatchObject({ interrupted: true, failed: 0, error: null });
  expect(result.acked).toBe(result.sent);
  expect((await stored(site.kafka)).total).toBe(result.acked);
});

describe('when a broker goes away', () => {
  let site: Awaited<ReturnType<typeof startSite>>;
  beforeEach(async () => {
    site = await startSite('edge-1');
  });
  afterEach(() => site[Symbol.asyncDispose]());

  test('it keeps the bound, gives up after a while and counts what failed', async () => {
    let stopped: Promise<void> | undefined;
    const options = load([site.endpoints], {
      schedule: constantSchedule(2000),
      maxInFlight: 500,
      deliveryTimeoutMs: 600,
    });
    const result = await run(options, {
      onProgress: ({ acked, inFlight }) => {
        expect(inFlight).toBeLessThanOrEqual(500);
        if (acked > 0) stopped ??= site.broker.stop();
      },
    });
    await stopped;
    expect(result.error?.exitCode).toBe(3);
    expect(result.acked).toBeGreaterThan(0);
    expect(result.failed).toBeGreaterThanOrEqual(500);
    expect(result.acked + result.failed).toBe(result.sent);
    expect(result.overrun).toBeGreaterThan(0);
    expect(result.verdict).toBe('INVALID');
  });

  test('a site that is not there is an error before anything is sent', async () => {
    await site.broker.stop();
    await expect(run(load([site.endpoints]))).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  });
});

test('a missing topic is an error before anything is sent', async () => {
  await using site = await startSite('edge-1');
  await site.kafka.admin().deleteTopics([topic]);
  await expect(run(load([site.endpoints]))).rejects.toMatchObject({ code: 'DDS_UNKNOWN_TOPIC' });
});
