import { connect, type Socket } from 'node:net';
import {
  type Api,
  BatchBuilder,
  decodeResponse,
  encodeRequest,
  type Fields,
  fetch,
  listOffsets,
  produce,
  type RequestInput,
  type ResponseOf,
} from '../../src/runtime/protocol/index.ts';

/** One connection that speaks any version of any API: for what no client would send. */
export class RawClient implements AsyncDisposable {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #correlationId = 0;
  readonly #waiting = new Map<number, { resolve(frame: Buffer): void; reject(error: Error): void }>();

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.#receive(chunk));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    void this.closed.then(() => {
      for (const { reject } of this.#waiting.values()) reject(new Error('closed'));
    });
  }

  static connect(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new RawClient(socket)));
    });
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const frame = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      const correlationId = frame.readInt32BE(0);
      this.#waiting.get(correlationId)?.resolve(frame);
      this.#waiting.delete(correlationId);
    }
  }

  /** Rejects when the connection closes first. */
  frame<A extends Api<Fields, Fields>>(api: A, version: number, body: RequestInput<A>): Promise<Buffer> {
    const correlationId = ++this.#correlationId;
    const answer = new Promise<Buffer>((resolve, reject) => {
      this.#waiting.set(correlationId, { resolve, reject });
    });
    for (const chunk of encodeRequest(api, version, { correlationId, clientId: 'raw' }, body))
      this.socket.write(chunk);
    return answer;
  }

  async ask<A extends Api<Fields, Fields>>(
    api: A,
    version: number,
    body: RequestInput<A>,
  ): Promise<ResponseOf<A>> {
    const frame = await this.frame(api, version, body);
    return decodeResponse(api, version, frame).body as ResponseOf<A>;
  }

  async produce(topic: string, partition: number, records: Buffer, version = 9) {
    const body = {
      acks: -1,
      timeoutMs: 5000,
      topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
    };
    const answer = await this.ask(produce, version, body);
    return answer.responses[0]!.partitionResponses[0]!;
  }

  async fetch(
    topic: string,
    partition: number,
    fetchOffset: number,
    options: { maxWaitMs?: number; minBytes?: number; maxBytes?: number; isolationLevel?: number } = {},
  ) {
    const { maxWaitMs = 0, minBytes = 1, maxBytes = 1 << 20, isolationLevel = 0 } = options;
    const answer = await this.ask(fetch, 11, {
      maxWaitMs,
      minBytes,
      maxBytes,
      isolationLevel,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [{ topic, partitions: [{ partition, fetchOffset, partitionMaxBytes: maxBytes }] }],
    });
    return answer.responses[0]!.partitions[0]!;
  }

  /** The first offset that is still there. */
  async startOf(topic: string, partition = 0): Promise<number> {
    const topics = [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -2 }] }];
    return (await this.ask(listOffsets, 5, { topics })).topics[0]!.partitions[0]!.offset;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }
}

export interface TestRecord {
  key?: string | null;
  value?: string | null;
  timestamp?: number;
}

type BuildOptions = Parameters<BatchBuilder['build']>[0];

/** A record batch as a producer would send it. */
export function batchOf(records: readonly TestRecord[], options: BuildOptions = {}): Buffer {
  const builder = new BatchBuilder();
  const bytes = (text: string | null) => (text === null ? null : Buffer.from(text));
  for (const { key = 'k', value = 'v', timestamp = Date.now() } of records)
    builder.append(bytes(key), bytes(value), timestamp);
  return builder.build(options);
}
