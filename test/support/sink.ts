import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDbStore } from '../../src/runtime/jobs/sinks/duckdb/duckdb-store.ts';
import { Queries } from '../../src/runtime/jobs/sinks/query.ts';
import { parseQueryRequest } from '../../src/runtime/jobs/sinks/query-request.ts';
import { Sink } from '../../src/runtime/jobs/sinks/sink.ts';
import type { SinkOptions } from '../../src/runtime/jobs/sinks/sink-types.ts';
import {
  createKafka,
  type Header,
  type Kafka,
  type TopicPartition,
  type TopicSpec,
} from '../../src/runtime/kafka/index.ts';
import { avroType, createRegistryClient, encodeWire } from '../../src/runtime/serde/index.ts';
import { silentLogger } from '../../src/shared/logger.ts';
import {
  placeMark,
  siteHeader,
  sourceHeader,
  sourceHeaderBytes,
  sourceMarkAt,
  sourceOffsetAt,
} from '../../src/shared/relay-headers.ts';
import { startBroker } from './broker.ts';
import { startRegistry } from './registry.ts';

export interface ProducedRecord {
  key?: string | null;
  /** A value of the schema, bytes as they are, or a tombstone. */
  value: unknown;
  partition?: number;
  headers?: Header[];
  timestamp?: number;
}

/** A site without its process: a broker and a registry in memory, and what a test wants to do with them. */
export interface SinkSite extends AsyncDisposable {
  kafka: Kafka;
  brokers: string[];
  registryUrl: string;
  /** Directory of the databases; removed at the end. */
  directory: string;
  createTopic(spec: Partial<TopicSpec> & { name: string }): Promise<void>;
  produce(topic: string, schema: object | null, records: ProducedRecord[]): Promise<void>;
  options(overrides?: Partial<SinkOptions>): SinkOptions;
  /** Starts a sink; it is stopped with the site, if not before. */
  sink(overrides?: Partial<SinkOptions>): Promise<Sink>;
}

/** With brokers of the test's own instead, when given. */
export async function startSinkSite(given?: { brokers: string[] }): Promise<SinkSite> {
  const stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'dds-sink-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const { brokers } = given ?? stack.use(await startBroker());
  const { url: registryUrl } = stack.use(await startRegistry());
  const kafka = createKafka({ brokers, clientId: 'test' });
  stack.defer(() => kafka.close());
  const producer = kafka.producer({ lingerMs: 0 });
  await producer.start();
  const registry = createRegistryClient(registryUrl);
  const options = (overrides: Partial<SinkOptions> = {}): SinkOptions => ({
    site: 'edge-1',
    kafka: { brokers, clientId: 'sink' },
    registryUrl,
    store: new DuckDbStore(join(directory, 'store.duckdb')),
    topics: ['*'],
    exclude: [],
    log: silentLogger,
    followMs: 50,
    ...overrides,
  });
  return {
    ...{ kafka, brokers, registryUrl, directory, options },
    async createTopic(spec) {
      await kafka.admin().createTopics([{ partitions: 1, ...spec }]);
    },
    async produce(topic, schema, records) {
      const text = JSON.stringify(schema);
      const type = schema && avroType(text);
      const id = schema ? await registry.register(`${topic}-value`, text) : 0;
      for (const { key = null, value, partition = 0, headers = null, timestamp = Date.now() } of records) {
        const bytes = value === null || value instanceof Uint8Array ? value : encodeWire(id, type!, value);
        producer.append(
          topic,
          partition,
          key === null ? null : Buffer.from(key),
          bytes,
          timestamp,
          headers,
          0,
        );
      }
      await producer.flush();
    },
    async sink(overrides) {
      const sink = new Sink(options(overrides));
      stack.defer(() => sink.stop());
      await sink.start(new AbortController().signal);
      return sink;
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

const queries = new WeakMap<Sink, Queries>();

/** Rows of a query, as `POST /query` answers it. */
export async function ask(sink: Sink, sql: string, more: object = {}): Promise<unknown[][]> {
  const ofSink = queries.get(sink) ?? new Queries(sink.store);
  queries.set(sink, ofSink);
  const answer = await ofSink.run(parseQueryRequest({ sql, ...more }), new AbortController().signal);
  return answer.rows;
}

/** The headers that a relay puts on a record for a partition. */
export function relayed(site: string, offset: number, at: TopicPartition, topicId = 1): Header[] {
  const source = Buffer.alloc(sourceHeaderBytes);
  source[15] = topicId;
  source.writeBigInt64BE(BigInt(offset), sourceOffsetAt);
  source.writeUInt32BE(placeMark(at.topic, at.partition), sourceMarkAt);
  return [
    { key: siteHeader, value: Buffer.from(site) },
    { key: sourceHeader, value: source },
  ];
}

export interface HttpAnswer {
  status: number;
  /** The JSON value, or the text when it is none. */
  body: unknown;
}

/** A call of a job's HTTP API on a Unix socket. */
export function httpPost(socketPath: string, path: string, body: object): Promise<HttpAnswer> {
  return httpCall(socketPath, 'POST', path, JSON.stringify(body));
}

export function httpGet(socketPath: string, path: string): Promise<HttpAnswer> {
  return httpCall(socketPath, 'GET', path, '');
}

function httpCall(socketPath: string, method: string, path: string, body: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const isJson = response.headers['content-type'] === 'application/json';
        resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}

const sinkEntry = fileURLToPath(new URL('./sink-process.ts', import.meta.url));

/** A sink of the site in a process of its own, with what `--store` takes, ready, with its HTTP API on the socket; disposing kills it. */
export async function startSinkProcess(
  site: SinkSite,
  store: string,
  socket: string,
): Promise<{ process: ChildProcess } & AsyncDisposable> {
  const options = {
    ...{ site: 'central', brokers: site.brokers, registry: site.registryUrl, store },
    ...{ topics: ['*'], exclude: [], http: `unix:${socket}`, logLevel: 'info' },
  };
  const child = spawn(process.execPath, [sinkEntry, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the sink ended before it was ready')));
    child.stdout.on('data', (part: Buffer) => part.includes('is ready') && resolve());
  });
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
