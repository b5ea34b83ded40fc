import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Broker, createBroker } from '../../../../src/runtime/broker/index.ts';
import { type TailOptions, tailSites } from '../../../../src/runtime/data/tail/tail.ts';
import { createKafka, type Kafka, type Producer } from '../../../../src/runtime/kafka/index.ts';
import { createRegistry } from '../../../../src/runtime/registry/index.ts';
import {
  avroType,
  createRegistryClient,
  encodeWire,
  thesisSchema,
} from '../../../../src/runtime/serde/index.ts';
import type { SiteEndpoints } from '../../../../src/runtime/stack/types.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { silentLogger } from '../../../../src/shared/logger.ts';
import type { Service } from '../../../../src/shared/service.ts';

const never = new AbortController().signal;
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started<T extends Service>(service: T): Promise<T> {
  cleanups.push(() => service.stop());
  await service.start(never);
  return service;
}

const brokerAt = (port: number, dataDir: string | null, config: Record<string, string> = {}): Broker =>
  createBroker({
    ...{ nodeId: 1, dataDir, config, log: silentLogger },
    listeners: [{ name: 'local', host: '127.0.0.1', port }],
  });

interface Site {
  endpoints: SiteEndpoints;
  broker: Broker;
  registry: Service;
  kafka: Kafka;
  producer: Producer;
  send(
    topic: string,
    value: Buffer | null,
    at?: Partial<{ partition: number; key: string; ts: number }>,
  ): void;
}

async function startSite(
  site: string,
  dataDir: string | null = null,
  config: Record<string, string> = {},
): Promise<Site> {
  const broker = await started(brokerAt(0, dataDir, config));
  const brokers = [`127.0.0.1:${broker.ports.local}`];
  const kafka = createKafka({ brokers, clientId: 'test' });
  cleanups.push(() => kafka.close());
  const registry = await started(
    createRegistry({
      kafka: { brokers, clientId: 'registry' },
      host: '127.0.0.1',
      port: 0,
      log: silentLogger,
    }),
  );
  const producer = kafka.producer({ lingerMs: 0 });
  await producer.start();
  return {
    endpoints: {
      site,
      role: 'edge',
      engine: 'embedded',
      brokers,
      wanBrokers: brokers,
      registryUrl: registry.url,
      store: null,
    },
    ...{ broker, registry, kafka },
    producer,
    send(topic, value, { partition = 0, key = 'k', ts = 1000 } = {}) {
      producer.append(topic, partition, Buffer.from(key), value, ts, null, 0);
    },
  };
}

interface Run {
  lines: string[];
  reports: string[];
  records(): Record<string, unknown>[];
  stop(): void;
  done: ReturnType<typeof tailSites>;
}

function startTail(sites: readonly Site[], options: Partial<TailOptions> = {}): Run {
  const controller = new AbortController();
  const lines: string[] = [];
  const reports: string[] = [];
  const write = (text: string) => {
    lines.push(...text.trimEnd().split('\n'));
    return undefined;
  };
  const context = {
    ...{ cwd: '/', env: {}, signal: controller.signal, clock: systemClock },
    report: (message: string) => void reports.push(message),
  };
  const done = tailSites(
    sites.map(({ endpoints }) => endpoints),
    { format: 'json', paint: (_style, text) => text, write, ...options },
    context,
  );
  done.catch(() => undefined);
  cleanups.push(async () => {
    controller.abort();
    await done.catch(() => undefined);
  });
  return {
    lines,
    reports,
    records: () => lines.map((line) => JSON.parse(line)),
    stop: () => controller.abort(),
    done,
  };
}

async function all(sites: readonly Site[], options: Partial<TailOptions> = {}) {
  const run = startTail(sites, { exitAtEnd: true, ...options });
  return { summary: await run.done, records: run.records(), reports: run.reports };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('the condition did not come true within 10 s');
    await delay(10);
  }
}

describe('one site', () => {
  let site: Site;
  beforeEach(async () => {
    site = await startSite('edge-1');
    await site.kafka.admin().createTopics([
      { name: 'temperature-data', partitions: 2 },
      { name: 'texts', partitions: 1 },
    ]);
  });
  const text = async (...values: string[]) => {
    for (const value of values) site.send('texts', Buffer.from(value));
    await site.producer.flush();
  };
  const values = (records: Record<string, unknown>[]) => records.map(({ value }) => value);

  it('decodes Avro with the schema of each record, and keeps what it cannot decode in its place', async () => {
    const schema = JSON.stringify({
      type: 'record',
      name: 'R',
      fields: [
        { name: 'long', type: 'long' },
        { name: 'bytes', type: 'bytes' },
        { name: 'union', type: ['null', 'string', 'int'] },
      ],
    });
    const client = createRegistryClient(site.endpoints.registryUrl);
    const first = await client.register('temperature-data-value', thesisSchema('TemperatureData'));
    const second = await client.register('other-value', schema);
    const measured = { sensor_id: 's', timestamp: 5, temperature: 21.5, unit: 'C' };
    const odd = { long: 2n ** 60n, bytes: Buffer.from([0, 255]), union: 'u' };
    site.send('temperature-data', encodeWire(first, avroType(thesisSchema('TemperatureData')), measured));
    site.send('temperature-data', Buffer.from('junk \u001b[31m'), { ts: 2000 });
    site.send('temperature-data', Buffer.from([0, 0, 0, 99, 99, 1]));
    site.send('temperature-data', encodeWire(second, avroType(schema), odd));
    site.send('temperature-data', null);
    const value = Buffer.from('edge-9');
    site.producer.append('temperature-data', 0, null, null, 3000, [{ key: 'dds-site', value }], 0);
    await site.producer.flush();
    const { summary, records } = await all([site], { topics: ['temperature-data'] });
    const place = { site: 'edge-1', topic: 'temperature-data', partition: 0, ts: 1000, key: 'k' };
    expect(records).toEqual([
      { ...place, offset: 0, value: measured },
      {
        ...place,
        offset: 1,
        ts: 2000,
        valueB64: 'anVuayAbWzMxbQ==',
        error: expect.stringContaining('wire format'),
      },
      { ...place, offset: 2, valueB64: 'AAAAY2MB', error: `schema id ${(99 << 8) + 99} is not registered` },
      { ...place, offset: 3, value: { long: '1152921504606846976', bytes: 'AP8=', union: 'u' } },
      { ...place, offset: 4, value: null },
      { ...place, offset: 5, ts: 3000, key: null, value: null, headers: { 'dds-site': 'edge-9' } },
    ]);
    expect(summary).toEqual({ records: 6, scanned: 6, undecodable: 2, topics: 1, sites: 1 });
    await expect(all([site], { topics: ['temperature-data'], strict: true })).rejects.toMatchObject({
      code: 'DDS_UNDECODABLE',
      message: '2 of 6 records could not be decoded',
    });
  });

  it('shows topics without a schema as JSON or text, internal ones only by name', async () => {
    await createRegistryClient(site.endpoints.registryUrl).register('x-value', '"string"');
    await text('plain', '{"a": 1}');
    expect(values((await all([site])).records)).toEqual(['plain', { a: 1 }]);
    const { records } = await all([site], { topics: ['_schemas'] });
    expect(values(records)).toContainEqual(
      expect.objectContaining({ subject: 'x-value', schema: '"string"' }),
    );
  });

  it.each<[Partial<TailOptions>, string[]]>([
    [{}, ['0', '1', '2', '3', '4', '5']],
    [{ from: '2' }, ['2', '3', '4', '5']],
    [{ from: '-2' }, ['4', '5']],
    [{ from: '-99' }, ['0', '1', '2', '3', '4', '5']],
    [{ from: '99' }, []],
    [{ from: 'newest' }, []],
    [{ from: '@1003' }, ['3', '4', '5']],
    [{ from: '@5000' }, []],
    [{ from: '1970-01-01T00:00:01.004Z' }, ['4', '5']],
    [{ exitAtEnd: false, to: '@1002' }, ['0', '1']],
    [{ exitAtEnd: false, from: '1', to: '3' }, ['1', '2']],
    [{ exitAtEnd: false, from: '-3', to: '-1' }, ['3', '4']],
    [{ exitAtEnd: false, from: '3', to: '1' }, []],
    [{ exitAtEnd: false, to: 'now' }, ['0', '1', '2', '3', '4', '5']],
    [{ last: 2 }, ['4', '5']],
    [{ last: 0 }, []],
    [{ last: 50 }, ['0', '1', '2', '3', '4', '5']],
    [{ count: 2 }, ['0', '1']],
    [{ exitAtEnd: false, from: 'oldest', count: 2 }, ['0', '1']],
  ])('%j', async (options, expected) => {
    for (let i = 0; i < 6; i++) site.send('texts', Buffer.from(`${i}`), { ts: 1000 + i });
    await site.producer.flush();
    expect(values((await all([site], { topics: ['texts'], ...options })).records)).toEqual(expected);
  });

  it('finds the last records over all partitions by their time, then goes on', async () => {
    for (let i = 0; i < 10; i++) {
      site.send('temperature-data', Buffer.from(`${i}`), { ts: i, partition: i < 7 ? 0 : 1 });
    }
    await site.producer.flush();
    const run = startTail([site], { last: 4 });
    await until(() => run.lines.length === 4);
    site.send('temperature-data', Buffer.from('new'), { partition: 1 });
    await until(() => run.lines.length === 5);
    run.stop();
    await run.done;
    expect(values(run.records())).toEqual(['6', '7', '8', '9', 'new']);
  });

  it('reads only the partitions it is told', async () => {
    for (const partition of [0, 1])
      site.send('temperature-data', Buffer.from(`p${partition}`), { partition });
    await site.producer.flush();
    expect(values((await all([site], { partitions: [1] })).records)).toEqual(['p1']);
  });

  it('follows what is new: records, partitions, and topics that a glob takes', async () => {
    await text('old');
    const run = startTail([site], { topics: ['te*'] });
    // Nothing tells from outside when a live tail has found its ends: repeat until it shows the first.
    await until(() => {
      site.send('texts', Buffer.from('new'));
      return run.lines.length > 0;
    });
    await site.kafka.admin().createTopics([
      { name: 'tea', partitions: 1 },
      { name: 'coffee', partitions: 1 },
    ]);
    await site.kafka.admin().createPartitions('texts', 2);
    site.send('tea', Buffer.from('from the beginning'));
    site.send('coffee', Buffer.from('not taken'));
    const late = site.kafka.producer();
    await late.start();
    late.append('texts', 1, null, Buffer.from('second partition'), 1000, null, 0);
    await late.flush();
    await until(() =>
      ['from the beginning', 'second partition'].every((value) => values(run.records()).includes(value)),
    );
    run.stop();
    await run.done;
    const seen = new Set(values(run.records()));
    expect([...seen].sort()).toEqual(['from the beginning', 'new', 'second partition']);
  });

  it('waits for a reader that is slow', async () => {
    const value = Buffer.alloc(1000, 'x');
    for (let i = 0; i < 5000; i++) site.send('texts', value);
    await site.producer.flush();
    let written = 0;
    let resume = () => {};
    const write = (chunk: string) => {
      written += chunk.length;
      return new Promise<void>((resolve) => {
        resume = resolve;
      });
    };
    const run = startTail([site], { exitAtEnd: true, write });
    await until(() => written > 0);
    await delay(100);
    expect(written).toBeLessThan(200_000);
    let ended = false;
    void run.done.then(() => {
      ended = true;
    });
    await until(() => {
      resume();
      return ended;
    });
    expect(written).toBeGreaterThan(5_000_000);
  });

  it.each([
    [{ topics: ['temprature-data'] }, 'DDS_UNKNOWN_TOPIC', 'there is no topic temprature-data at edge-1'],
    [{ topics: ['nothing-*'] }, 'DDS_UNKNOWN_TOPIC', 'no topic matches nothing-*'],
    [{ topics: ['texts'], partitions: [3] }, 'DDS_USAGE', 'texts has only partition 0, not 3'],
    [{ from: 'soon' }, 'DDS_USAGE', '--from soon is not a position'],
    [{ to: '2999-01-01' }, 'DDS_USAGE', '--to 2999-01-01 lies in the future'],
    [{ topics: ['/(/'] }, 'DDS_USAGE', '/(/ is not a valid regular expression'],
  ])('refuses %j', async (options, code, message) => {
    await expect(all([site], options)).rejects.toMatchObject({ code, message });
  });

  it('says which topic was probably meant', async () => {
    await expect(all([site], { topics: ['temprature-data'] })).rejects.toMatchObject({
      hint: 'Did you mean temperature-data?',
    });
  });
});

it('reads several sites, also when a topic is only at some of them', async () => {
  const sites = await Promise.all([startSite('edge-1'), startSite('edge-2')]);
  for (const [i, site] of sites.entries()) {
    await site.kafka.admin().createTopics([
      { name: `only-${i + 1}`, partitions: 1 },
      { name: 'both', partitions: 1 },
    ]);
    site.send(`only-${i + 1}`, Buffer.from('a'));
    site.send('both', Buffer.from('b'));
    await site.producer.flush();
  }
  const { records, summary } = await all(sites, { topics: ['only-2', 'both'] });
  expect(records.map(({ site, topic }) => `${site}/${topic}`).sort()).toEqual([
    'edge-1/both',
    'edge-2/both',
    'edge-2/only-2',
  ]);
  expect(summary).toMatchObject({ records: 3, sites: 2 });
});

it('ends in a compacted topic by position, and finds its last records behind the gaps', async () => {
  const site = await startSite('edge-1', null, { 'log.cleaner.backoff.ms': '50' });
  const configs = {
    'cleanup.policy': 'compact',
    'segment.bytes': '20000',
    'min.cleanable.dirty.ratio': '0.01',
  };
  await site.kafka.admin().createTopics([{ name: 'compacted', partitions: 1, configs }]);
  const total = 5000;
  for (let i = 0; i < total; i++) {
    // Ten keys that come once, then five over and over.
    site.send('compacted', Buffer.from(`${i}`), { key: i < 10 ? `once-${i}` : `again-${i % 5}`, ts: i });
    if (i % 100 === 99) await site.producer.flush();
  }
  let left = total;
  let before = -1;
  // Until the cleaner, which runs every 50 ms, has nothing left to do.
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await delay(200)) {
    left = (await all([site])).summary.records;
    if (left < total / 2 && left === before) break;
    before = left;
  }
  expect(left).toBeLessThan(total / 2);
  const offsets = (await all([site])).records.map(({ offset }) => offset);
  expect(offsets.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(offsets.at(-1)).toBe(total - 1);
  const lastOnes = await all([site], { last: offsets.length - 3 });
  expect(lastOnes.records.map(({ offset }) => offset)).toEqual(offsets.slice(3));
  const beforeGap = await all([site], { exitAtEnd: false, from: '8', to: '50' });
  expect(beforeGap.records.map(({ offset }) => offset)).toEqual([8, 9]);
});

describe('what goes away', () => {
  let dataDir: string;
  let site: Site;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'dds-tail-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    site = await startSite('edge-1', dataDir);
    await site.kafka.admin().createTopics([{ name: 'texts', partitions: 1 }]);
    site.send('texts', Buffer.from('before'));
    await site.producer.flush();
  });

  it('a broker: a live tail says so and goes on when it is back', async () => {
    const run = startTail([site], { last: 1 });
    await until(() => run.lines.length === 1);
    await site.broker.stop();
    await until(() => run.reports.length === 1);
    await started(brokerAt(Number(site.endpoints.brokers[0]!.split(':')[1]), dataDir));
    site.send('texts', Buffer.from('after'));
    await until(() => run.lines.length === 2 && run.reports.length === 2);
    run.stop();
    await run.done;
    expect(run.records().map(({ value }) => value)).toEqual(['before', 'after']);
    expect(run.reports).toEqual([
      expect.stringMatching(/^edge-1: .*127\.0\.0\.1:\d+.*; waiting for it$/),
      'edge-1: the broker is back',
    ]);
  });

  it('a broker: a tail that is to end gives up', async () => {
    const run = startTail([site], { from: 'oldest', count: 5, patienceMs: 300 });
    await until(() => run.lines.length === 1);
    await site.broker.stop();
    await expect(run.done).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  });

  it('a broker that is not there at the start', async () => {
    await site.broker.stop();
    await expect(startTail([site]).done).rejects.toMatchObject({ code: 'DDS_BROKER_UNREACHABLE' });
  });

  it('a registry: a live tail waits with what it cannot read yet', async () => {
    const { registryUrl, brokers } = site.endpoints;
    const id = await createRegistryClient(registryUrl).register('texts-value', '"string"');
    const port = Number(new URL(registryUrl).port);
    const gone = { ...site, endpoints: { ...site.endpoints, registryUrl: 'http://127.0.0.1:9' } };
    site.send('texts', encodeWire(id, avroType('"string"'), 'decoded'));
    await site.producer.flush();
    await expect(all([gone], { patienceMs: 300 })).rejects.toMatchObject({
      code: 'DDS_REGISTRY_UNREACHABLE',
    });
    await site.registry.stop();
    const run = startTail([site], { last: 1 });
    await until(() => run.reports.length === 1);
    await started(
      createRegistry({
        kafka: { brokers, clientId: 'registry' },
        host: '127.0.0.1',
        port,
        log: silentLogger,
      }),
    );
    await until(() => run.lines.length === 1);
    expect(run.records()[0]).toMatchObject({ offset: 1, value: 'decoded' });
    expect(run.reports[1]).toBe('edge-1: the Schema Registry is back');
  });

  it('a topic: a live tail says so and takes it up when it is made again', async () => {
    const run = startTail([site], { last: 1 });
    await until(() => run.lines.length === 1);
    await site.kafka.admin().deleteTopics(['texts']);
    await until(() => run.reports.length === 1);
    expect(run.reports[0]).toBe('edge-1: texts/0 was deleted');
    await site.kafka.admin().createTopics([{ name: 'texts', partitions: 1 }]);
    const producer = site.kafka.producer();
    await producer.start();
    producer.append('texts', 0, null, Buffer.from('again'), 1000, null, 0);
    await producer.flush();
    await until(() => run.lines.length === 2);
    expect(run.records()[1]).toMatchObject({ offset: 0, value: 'again' });
  });
});
