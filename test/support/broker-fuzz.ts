import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { handlers } from '../../src/runtime/broker/handlers/index.ts';
import {
  createTopics,
  deleteGroups,
  deleteTopics,
  encodeRequest,
  listGroups,
  metadata,
  RecordBatch,
} from '../../src/runtime/protocol/index.ts';
import { type AnyApi, generate, randomFrom } from '../protocol/generate.ts';
import { batchOf, RawClient } from './raw-client.ts';

const program = fileURLToPath(new URL('./fuzzed-broker.ts', import.meta.url));
/** Requests between two looks at whether the broker still serves. */
const ROUND = 500;
/** What a broker that serves others takes at most for a small request. */
const HANG_MS = 5000;
const CONNECTIONS = 4;
/** A request that may wait (Fetch, JoinGroup, SyncGroup) or gets no answer (Produce with acks 0) is left after this. */
const PATIENCE_MS = 10;
/** What may stay: pooled buffers, code that was compiled, groups whose members have not timed out. */
const ALLOWED_GROWTH_BYTES = 24 * 1024 * 1024;

export interface FuzzResult {
  seed: number;
  requests: number;
  answered: number;
  /** Connections that the broker closed. */
  closed: number;
  /** How many of each API, by name. */
  byApi: Record<string, number>;
  /** Heap in use, after garbage collection and with everything deleted, before and afterwards. */
  bytesBefore: number;
  bytesAfter: number;
  /** What must not be: a crash, a hang, a request that failed inside, memory that stays. Empty when all is well. */
  findings: string[];
}

type Message =
  | { type: 'ready'; port: number }
  | { type: 'memory'; bytes: number }
  | { type: 'error'; message: string; fields: { err?: string } };

/** Real requests over every API and version that is served, most of them mutated, against a broker in another process. */
export async function fuzzBroker(options: { seed: number; durationMs: number }): Promise<FuzzResult> {
  const { seed, durationMs } = options;
  const random = randomFrom(seed);
  const result: FuzzResult = {
    seed,
    requests: 0,
    answered: 0,
    closed: 0,
    byApi: {},
    bytesBefore: 0,
    bytesAfter: 0,
    findings: [],
  };
  const findings = new Set<string>();
  const child = fork(program, [], { execArgv: ['--expose-gc'] });
  child.on('message', (message: Message) => {
    if (message.type === 'error') findings.add(`${message.message}: ${message.fields.err ?? ''}`);
  });
  try {
    const { port } = await messageFrom(child, 'ready');
    await tidyUp(port);
    result.bytesBefore = await memoryOf(child);
    const until = performance.now() + durationMs;
    while (performance.now() < until && findings.size < 10) {
      await Promise.all(Array.from({ length: CONNECTIONS }, () => round(port, random, result)));
      if (child.exitCode !== null || child.signalCode !== null) {
        findings.add(`the broker died: ${child.exitCode ?? child.signalCode}`);
        break;
      }
      let isWell = await within(HANG_MS, tidyUp(port));
      // Requests that were still on their way may have deleted the topic again.
      for (let again = 0; isWell !== true && again < 3; again++) isWell = await within(HANG_MS, tidyUp(port));
      if (isWell !== true) {
        findings.add(`the broker does not serve any more: ${isWell}`);
        break;
      }
    }
    if (child.exitCode === null && child.signalCode === null) {
      await within(HANG_MS, forgetGroups(port));
      result.bytesAfter = await memoryOf(child);
      const growth = result.bytesAfter - result.bytesBefore;
      if (growth > ALLOWED_GROWTH_BYTES)
        findings.add(`memory stays: ${Math.round(growth / 2 ** 20)} MiB more`);
    }
  } finally {
    child.kill('SIGKILL');
  }
  result.findings = [...findings];
  return result;
}

async function messageFrom<T extends Message['type']>(
  child: ChildProcess,
  type: T,
): Promise<Extract<Message, { type: T }>> {
  for await (const [message] of on(child, 'message', { close: ['exit'] }) as AsyncIterable<[Message]>) {
    if (message.type === type) return message as Extract<Message, { type: T }>;
  }
  throw new Error('the broker has ended');
}

async function memoryOf(child: ChildProcess): Promise<number> {
  const answer = messageFrom(child, 'memory');
  child.send('memory');
  return (await answer).bytes;
}

/** True, or what went wrong. */
async function within(ms: number, work: Promise<void>): Promise<true | string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${ms} ms`), ms);
  });
  const done = work.then(
    () => true as const,
    (error: unknown) => String(error),
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

/** An honest client: deletes what the requests have created, makes topic `a`, produces and fetches. */
async function tidyUp(port: number): Promise<void> {
  await using client = await RawClient.connect(port);
  const { topics } = await client.ask(metadata, 5, { topics: null, allowAutoTopicCreation: false });
  const topicNames = topics.filter(({ isInternal }) => !isInternal).map(({ name }) => name!);
  await client.ask(deleteTopics, 3, { topicNames, timeoutMs: 1000 });
  await client.ask(createTopics, 3, {
    topics: [{ name: 'a', numPartitions: 2, replicationFactor: 1 }],
    validateOnly: false,
  });
  const { errorCode, baseOffset } = await client.produce('a', 0, batchOf([{}]));
  if (errorCode !== 0) throw new Error(`produce: error ${errorCode}`);
  const { records } = await client.fetch('a', 0, baseOffset);
  if (records!.length === 0) throw new Error('fetch: no records');
}

/** Waits until the sessions of all members are over. */
async function forgetGroups(port: number): Promise<void> {
  await using client = await RawClient.connect(port);
  for (;;) {
    const { groups } = await client.ask(listGroups, 4, { statesFilter: [] });
    if (groups.length === 0) return;
    await client.ask(deleteGroups, 1, { groupsNames: groups.map(({ groupId }) => groupId) });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Requests over one connection after the other, each answered or left with its question open before the next. */
async function round(port: number, random: () => number, result: FuzzResult): Promise<void> {
  let socket: Socket | null = null;
  for (let i = 0; i < ROUND; i++) {
    if (!socket || socket.destroyed) socket = await opened(port);
    if (!socket) return;
    const reaction = reactionOf(socket);
    // Two at once now and then: the second has to wait for the first.
    for (let count = random() < 0.1 ? 2 : 1; count > 0; count--) {
      socket.write(nextRequest(random, result));
      result.requests++;
    }
    const reacted = await reaction;
    if (reacted !== 'nothing') result[reacted]++;
    else socket.destroy();
  }
  socket?.destroy();
}

async function opened(port: number): Promise<Socket | null> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  return once(socket, 'connect').then(
    () => socket,
    () => null,
  );
}

function reactionOf(socket: Socket): Promise<'answered' | 'closed' | 'nothing'> {
  return new Promise((resolve) => {
    const done = (reaction: 'answered' | 'closed' | 'nothing') => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      resolve(reaction);
    };
    const onData = () => done('answered');
    const onClose = () => done('closed');
    const timer = setTimeout(() => done('nothing'), PATIENCE_MS);
    socket.on('data', onData).on('close', onClose);
  });
}

const pick = <T>(random: () => number, values: readonly T[]): T =>
  values[Math.floor(random() * values.length)]!;

function nextRequest(random: () => number, result: FuzzResult): Buffer {
  const { api, maxVersion } = pick(random, handlers) as unknown as { api: AnyApi; maxVersion: number };
  result.byApi[api.name] = (result.byApi[api.name] ?? 0) + 1;
  const version = api.minVersion + Math.floor(random() * (maxVersion - api.minVersion + 1));
  const body = generate(api.request, version, api.isFlexible(version), random);
  if (api.key === 0) fillRecords(body, random);
  const frame = Buffer.concat(encodeRequest(api, version, { correlationId: 1, clientId: 'fuzz' }, body));
  return random() < 0.2 ? frame : mutated(frame, random);
}

/** Batches as a producer sends them, and such that only their CRC is right. */
function fillRecords(body: Record<string, unknown>, random: () => number): void {
  type Data = { name: string; partitionData: { index: number; records: Buffer | null }[] };
  for (const topic of (body.topicData ?? []) as Data[]) {
    if (random() < 0.7) topic.name = 'a';
    for (const partition of topic.partitionData) {
      if (random() < 0.7) partition.index = 0;
      const records = batchOf([{ value: 'x'.repeat(Math.floor(random() * 200)) }]);
      if (random() < 0.5) {
        scatter(records, 21, random);
        new RecordBatch(records).updateCrc();
      }
      partition.records = records;
    }
  }
}

const EXTREMES = [0, 1, -1, 0x7fffffff, -0x80000000, 0x7fff, 0x00ffffff];

function scatter(bytes: Buffer, from: number, random: () => number): void {
  for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
    const at = from + Math.floor(random() * (bytes.length - from));
    const kind = random();
    if (kind < 0.4) bytes[at] = Math.floor(random() * 256);
    else if (kind < 0.7) bytes[at]! ^= 1 << Math.floor(random() * 8);
    else if (at + 4 <= bytes.length) bytes.writeInt32BE(pick(random, EXTREMES), at);
  }
}

/** Bytes changed, dropped or added; the length in front is right nearly always, so that it is the rest that is tried. */
function mutated(frame: Buffer, random: () => number): Buffer {
  let body = Buffer.from(frame.subarray(4));
  // Key and version stay: what they select is to be reached.
  const from = Math.min(4, body.length - 1);
  const kind = random();
  if (kind < 0.6) scatter(body, from, random);
  else if (kind < 0.8) body = body.subarray(0, from + Math.floor(random() * (body.length - from)));
  else {
    const at = from + Math.floor(random() * (body.length - from));
    const extra = Buffer.from(Array.from({ length: 1 + Math.floor(random() * 16) }, () => random() * 256));
    body = Buffer.concat([body.subarray(0, at), extra, body.subarray(at)]);
  }
  const length = Buffer.alloc(4);
  length.writeInt32BE(random() < 0.01 ? pick(random, EXTREMES) : body.length);
  return Buffer.concat([length, body]);
}
