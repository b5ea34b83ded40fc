import type { Socket } from 'node:net';
import { DdsError } from '../../errors/index.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ConnectionContext, dispatch } from './dispatch.ts';

const LENGTH_BYTES = 4;
/** Requests that were read but must wait for the one before: above this the socket is not read. */
const MAX_QUEUED_BYTES = 1024 * 1024;

export interface ConnectionOptions {
  socket: Socket;
  context: Omit<ConnectionContext, 'onClose' | 'clientHost'>;
  log: Logger;
  maxRequestBytes: number;
  /** Answers not yet taken by the client; above this no further request is worked on. */
  maxResponseBytes: number;
  idleMs: number;
}

/**
 * One client. Requests are answered one after the other in the order they came, as Kafka does it; pipelining
 * works, a waiting fetch holds back what follows it on the same connection. An error ends this connection only.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #log: Logger;
  readonly #context: ConnectionContext;
  readonly #maxRequestBytes: number;
  readonly #maxResponseBytes: number;
  readonly #onClose = new Set<() => void>();
  /** Bytes of the frame that is still coming in. */
  #partial: Buffer[] = [];
  #partialBytes = 0;
  /** Length of that frame, once known; -1 before. */
  #expectedBytes = -1;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  #busy = false;

  constructor({ socket, context, log, maxRequestBytes, maxResponseBytes, idleMs }: ConnectionOptions) {
    this.#socket = socket;
    this.#log = log;
    this.#maxRequestBytes = maxRequestBytes;
    this.#maxResponseBytes = maxResponseBytes;
    this.#context = {
      ...context,
      clientHost: socket.remoteAddress ?? '',
      onClose: (callback) => {
        this.#onClose.add(callback);
        return () => this.#onClose.delete(callback);
      },
    };
    socket.setNoDelay(true);
    socket.setTimeout(idleMs, () => {
      if (!this.#busy || socket.writableLength > 0) socket.destroy();
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A reset is how many clients leave; 'close' follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #closed(): void {
    this.#queue = [];
    this.#partial = [];
    for (const callback of this.#onClose) callback();
    this.#onClose.clear();
  }

  #fail(error: unknown): void {
    const client = `${this.#socket.remoteAddress}:${this.#socket.remotePort}`;
    const listener = this.#context.endpoint.listener;
    const isProtocol = error instanceof DdsError && error.code === 'DDS_PROTOCOL';
    if (isProtocol)
      this.#log.warn({ client, listener, code: error.code, reason: error.message }, 'connection closed');
    else {
      const stack = error instanceof Error ? error.stack : String(error);
      this.#log.error({ client, listener, err: stack }, 'request failed, connection closed');
    }
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#partial.push(chunk);
    this.#partialBytes += chunk.length;
    try {
      this.#cutFrames();
      this.#work();
      if (this.#queuedBytes > MAX_QUEUED_BYTES) this.#socket.pause();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Moves whole frames from the bytes received to the queue; joins chunks only when a frame spans them. */
  #cutFrames(): void {
    for (;;) {
      if (this.#expectedBytes < 0) {
        if (this.#partialBytes < LENGTH_BYTES) return;
        const length = this.#joined().readInt32BE(0);
        if (length < 0 || length > this.#maxRequestBytes) {
          const limit = `socket.request.max.bytes is ${this.#maxRequestBytes}`;
          throw new DdsError('DDS_PROTOCOL', `a request of ${length} bytes, ${limit}`);
        }
        this.#expectedBytes = LENGTH_BYTES + length;
      }
      if (this.#partialBytes < this.#expectedBytes) return;
      const bytes = this.#joined();
      const frame = bytes.subarray(LENGTH_BYTES, this.#expectedBytes);
      const rest = bytes.subarray(this.#expectedBytes);
      this.#partial = rest.length > 0 ? [rest] : [];
      this.#partialBytes = rest.length;
      this.#expectedBytes = -1;
      this.#queue.push(frame);
      this.#queuedBytes += frame.length;
    }
  }

  #joined(): Buffer {
    if (this.#partial.length > 1) this.#partial = [Buffer.concat(this.#partial)];
    return this.#partial[0]!;
  }

  /** Works on queued requests until one has to wait, for records or for the client to take its answers. */
  #work(): void {
    const socket = this.#socket;
    socket.cork();
    while (!this.#busy && this.#queue.length > 0 && !socket.destroyed) {
      const frame = this.#queue.shift()!;
      this.#queuedBytes -= frame.length;
      try {
        const answer = dispatch(frame, this.#context);
        if (answer instanceof Promise) this.#waitFor(answer);
        else this.#send(answer);
      } catch (error) {
        this.#fail(error);
      }
    }
    socket.uncork();
    if (socket.isPaused() && this.#queuedBytes <= MAX_QUEUED_BYTES) socket.resume();
  }

  #waitFor(answer: Promise<Buffer[] | null>): void {
    this.#busy = true;
    answer.then(
      (chunks) => {
        this.#busy = false;
        if (this.#socket.destroyed) return;
        this.#send(chunks);
        if (!this.#busy) this.#work();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #send(chunks: Buffer[] | null): void {
    if (!chunks) return;
    const socket = this.#socket;
    socket.cork();
    for (const chunk of chunks) socket.write(chunk);
    socket.uncork();
    if (socket.writableLength <= this.#maxResponseBytes) return;
    // A slow reader: nothing more is worked on until it has taken this answer.
    this.#busy = true;
    socket.once('drain', () => {
      this.#busy = false;
      this.#work();
    });
  }
}
