import type { Socket } from 'node:net';
import { DdsError } from '../../errors/index.ts';
import type { Logger } from '../../shared/logger.ts';
import { type ConnectionContext, dispatch } from './dispatch.ts';
import { Incoming } from './incoming.ts';

/** Requests that were read but must wait for the one before: above this the socket is not read. */
const MAX_QUEUED_BYTES = 1024 * 1024;

export interface ConnectionOptions {
  socket: Socket;
  context: Omit<ConnectionContext, 'onClose' | 'onSent' | 'clientHost'>;
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
  readonly #maxResponseBytes: number;
  readonly #onClose = new Set<() => void>();
  /** Of the answer that is worked on. */
  #onSent: (() => void) | undefined;
  readonly #incoming: Incoming;
  #busy = false;

  constructor({ socket, context, log, maxRequestBytes, maxResponseBytes, idleMs }: ConnectionOptions) {
    this.#socket = socket;
    this.#log = log;
    this.#incoming = new Incoming(maxRequestBytes);
    this.#maxResponseBytes = maxResponseBytes;
    this.#context = {
      ...context,
      clientHost: socket.remoteAddress ?? '',
      onClose: (callback) => {
        this.#onClose.add(callback);
        return () => this.#onClose.delete(callback);
      },
      onSent: (callback) => {
        this.#onSent = callback;
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
    this.#incoming.clear();
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
    this.#incoming.add(chunk);
    this.#work();
    if (this.#busy && this.#incoming.length > MAX_QUEUED_BYTES) this.#socket.pause();
  }

  /** Works on the requests that came until one has to wait, for records or for the client to take its answers. */
  #work(): void {
    const socket = this.#socket;
    socket.cork();
    try {
      while (!this.#busy && !socket.destroyed) {
        const request = this.#incoming.next();
        if (!request) break;
        const answer = dispatch(request, this.#context);
        if (answer instanceof Promise) this.#waitFor(answer);
        else this.#send(answer);
      }
    } catch (error) {
      this.#fail(error);
    }
    socket.uncork();
    if (!this.#busy && socket.isPaused()) socket.resume();
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
    const onSent = this.#onSent;
    this.#onSent = undefined;
    if (!chunks) return;
    const socket = this.#socket;
    const last = chunks.length - 1;
    socket.cork();
    for (let i = 0; i < last; i++) socket.write(chunks[i]!);
    socket.write(chunks[last]!, onSent);
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
