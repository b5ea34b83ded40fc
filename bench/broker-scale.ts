/**
 * One broker with many topics and connections: how long a start takes, what it costs in memory, and what a produce and a
 * fetch take meanwhile.
 * Run: node bench/broker-scale.ts [topics] [partitions per topic] [connections]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBroker } from '../src/runtime/broker/index.ts';
import {
  type Api,
  BatchBuilder,
  createTopics,
  decodeResponse,
  encodeRequest,
  type Fields,
  fetch,
  metadata,
  produce,
  type RequestInput,
  type ResponseOf,
} from '../src/runtime/protocol/index.ts';
import { silentLogger } from '../src/shared/logger.ts';

const [topics = 1000, partitions = 5, connections = 1000] = process.argv
  .slice(2)
  .filter((argument) => argument !== 'serve')
  .map(Number);

interface Started {
  port: number;
  startMs: number;
  rssBytes: number;
}

async function serve(dataDir: string): Promise<void> {
  const startedAt = performance.now();
  const listeners = [{ name: 'local', host: '127.0.0.1', port: 0 }];
  const broker = createBroker({ nodeId: 1, dataDir, listeners, log: silentLogger });
  await broker.start(new AbortController().signal);
  const startMs = performance.now() - startedAt;
  process.send?.({ port: broker.ports.local, startMs, rssBytes: process.memoryUsage.rss() });
  process.on('message', (message) => {
    if (message === 'rss') process.send?.(process.memoryUsage.rss());
    else void broker.stop().then(() => process.exit());
  });
}

class Client {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #waiting: ((frame: Buffer) => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      for (let end = this.#end(); end <= this.#bytes.length; end = this.#end()) {
        this.#waiting.shift()?.(this.#bytes.subarray(4, end));
        this.#bytes = this.#bytes.subarray(end);
      }
    });
  }

  #end(): number {
    return this.#bytes.length < 4 ? Number.POSITIVE_INFINITY : 4 + this.#bytes.readInt32BE(0);
  }

  static async open(port: number): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1' }).setNoDelay(true);
    await once(socket, 'connect');
    return new Client(socket);
  }

  async ask<A extends Api<Fields, Fields>>(
    api: A,
    version: number,
    body: RequestInput<A>,
  ): Promise<ResponseOf<A>> {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    this.#waiting.push(resolve);
    for (const chunk of encodeRequest(api, version, { correlationId: 1, clientId: 'bench' }, body))
      this.socket.write(chunk);
    return decodeResponse(api, version, await promise).body as ResponseOf<A>;
  }
}

const print = (what: string, value: string) => process.stdout.write(`${what.padEnd(44)} ${value}\n`);
const ms = (from: number) => `${(performance.now() - from).toFixed(0)} ms`;
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;

async function startChild(dataDir: string) {
  const child = fork(import.meta.filename, ['serve'], { env: { ...process.env, DATA_DIR: dataDir } });
  const [started] = (await once(child, 'message')) as [Started];
  const rss = async (): Promise<number> => {
    child.send('rss');
    return ((await once(child, 'message')) as [number])[0];
  };
  const stop = async () => {
    child.send('stop');
    await once(child, 'exit');
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { ...started, rss, stop, kill };
}

const batch = () => {
  const builder = new BatchBuilder();
  builder.append(null, Buffer.alloc(100, 7), Date.now());
  return builder.build();
};

async function fill(port: number): Promise<void> {
  const client = await Client.open(port);
  const names = Array.from({ length: topics }, (_, i) => `topic-${i}`);
  let at = performance.now();
  await client.ask(createTopics, 3, {
    topics: names.map((name) => ({ name, numPartitions: partitions, replicationFactor: 1 })),
    validateOnly: false,
  });
  print('topics created in', ms(at));
  at = performance.now();
  for (const name of names) {
    const partitionData = Array.from({ length: partitions }, (_, index) => ({ index, records: batch() }));
    await client.ask(produce, 9, { acks: -1, timeoutMs: 5000, topicData: [{ name, partitionData }] });
  }
  print('a batch into each partition in', ms(at));
  at = performance.now();
  await client.ask(metadata, 9, { topics: null });
  print('metadata of all', ms(at));
  at = performance.now();
  await client.ask(fetch, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1 << 26,
    sessionId: 0,
    sessionEpoch: -1,
    topics: names.map((topic) => ({
      topic,
      partitions: Array.from({ length: partitions }, (_, partition) => ({
        partition,
        fetchOffset: 0,
        partitionMaxBytes: 1 << 20,
      })),
    })),
  });
  print('one fetch of all', ms(at));
  client.socket.destroy();
}

async function crowd(port: number, rss: () => Promise<number>): Promise<void> {
  let at = performance.now();
  const clients = await Promise.all(Array.from({ length: connections }, () => Client.open(port)));
  print(`${connections} connections in`, ms(at));
  at = performance.now();
  const times = await Promise.all(
    clients.map(async (client, i) => {
      const begin = performance.now();
      const name = `topic-${i % topics}`;
      const topicData = [{ name, partitionData: [{ index: 0, records: batch() }] }];
      const answer = await client.ask(produce, 9, { acks: -1, timeoutMs: 5000, topicData });
      if (answer.responses[0]!.partitionResponses[0]!.errorCode !== 0) throw new Error('refused');
      return performance.now() - begin;
    }),
  );
  times.sort((a, b) => a - b);
  print('each produces at once: all answered in', ms(at));
  print('  the slowest answer after', `${times.at(-1)!.toFixed(0)} ms`);
  print('memory with all connected', mib(await rss()));
  for (const { socket } of clients) socket.destroy();
}

if (process.argv[2] === 'serve') await serve(process.env.DATA_DIR!);
else {
  const dataDir = mkdtempSync(join(tmpdir(), 'dds-bench-'));
  try {
    const first = await startChild(dataDir);
    print('empty start', `${first.startMs.toFixed(0)} ms, ${mib(first.rssBytes)}`);
    await fill(first.port);
    print('memory then', mib(await first.rss()));
    await first.stop();
    const clean = await startChild(dataDir);
    print('start after a clean stop', `${clean.startMs.toFixed(0)} ms, ${mib(clean.rssBytes)}`);
    await crowd(clean.port, clean.rss);
    await clean.kill();
    const crashed = await startChild(dataDir);
    print('start after a crash', `${crashed.startMs.toFixed(0)} ms, ${mib(crashed.rssBytes)}`);
    const at = performance.now();
    await crashed.stop();
    print('clean stop', ms(at));
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}
