import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { DdsError } from '../../errors/index.ts';
import type { Logger } from '../../shared/logger.ts';
import { Connection } from './connection.ts';
import type { FaultRules } from './faults/rules.ts';
import type { Endpoint } from './handlers/handler.ts';
import type { BrokerState } from './state/broker-state.ts';

export interface ListenerOptions {
  name: string;
  /** Of several nodes of one process; by default the broker's own. */
  nodeId?: number;
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** What clients are told; by default where it listens. */
  advertisedHost?: string;
  advertisedPort?: number;
}

/** What all listeners of a broker share. */
export interface Surroundings {
  broker: BrokerState;
  faults: FaultRules;
  log: Logger;
  /** The listener of that name at every node. */
  peersOf(listener: string): readonly Endpoint[];
}

const WILDCARDS = new Set(['0.0.0.0', '::', '']);

/** One address of a node and the connections that came through it. It can be closed, and bound again at the same port. */
export class Listener {
  readonly name: string;
  readonly #options: ListenerOptions;
  readonly #nodeId: number;
  readonly #surroundings: Surroundings;
  readonly #log: Logger;
  readonly #connections: Set<Connection>;
  readonly #server: Server;
  /** The one it has taken, once it has. */
  #port: number;
  #isOpen = false;
  /** Came before the broker was ready. */
  #waiting: Socket[] = [];

  /** `connections`: of the node. */
  constructor(
    options: ListenerOptions,
    nodeId: number,
    connections: Set<Connection>,
    surroundings: Surroundings,
  ) {
    this.name = options.name;
    this.#options = options;
    this.#port = options.port;
    this.#nodeId = nodeId;
    this.#connections = connections;
    this.#surroundings = surroundings;
    this.#log = surroundings.log;
    this.#server = createServer({ pauseOnConnect: true }, (socket) => {
      if (this.#isOpen) this.#accept(socket);
      else this.#waiting.push(socket.on('error', () => undefined));
    });
  }

  get port(): number {
    return this.#port;
  }

  /** Where it listens. */
  get address(): string {
    return `${this.#options.host}:${this.port}`;
  }

  /** What clients are told. */
  get endpoint(): Endpoint {
    const { host, advertisedHost, advertisedPort } = this.#options;
    return {
      listener: this.name,
      nodeId: this.#nodeId,
      host: advertisedHost ?? (WILDCARDS.has(host) ? 'localhost' : host),
      port: advertisedPort ?? this.port,
    };
  }

  /** Takes the port, but lets nobody in before `open()`. Throws DDS_PORT_TAKEN. */
  bind(): Promise<void> {
    const { host } = this.#options;
    const port = this.#port;
    return new Promise((resolve, reject) => {
      this.#server.removeAllListeners('error');
      this.#server.once('error', (cause: NodeJS.ErrnoException) => {
        if (cause.code !== 'EADDRINUSE') return reject(cause);
        reject(
          new DdsError('DDS_PORT_TAKEN', `port ${port} on ${host} is in use (listener ${this.name})`, {
            cause,
          }),
        );
      });
      this.#server.listen({ host, port, backlog: 1024 }, () => {
        this.#port = (this.#server.address() as AddressInfo).port;
        this.#server.removeAllListeners('error');
        this.#server.on('error', (error) =>
          this.#log.error({ listener: this.name, err: String(error) }, 'listener failed'),
        );
        resolve();
      });
    });
  }

  /** Serves the connections that came, and will come. */
  open(): void {
    this.#isOpen = true;
    for (const socket of this.#waiting.splice(0)) this.#accept(socket);
  }

  #accept(socket: Socket): void {
    const { broker, faults, peersOf } = this.#surroundings;
    const { configs } = broker;
    if (this.#connections.size >= configs.number('max.connections')) {
      this.#log.warn(
        { listener: this.name, limit: this.#connections.size },
        'connection refused: max.connections',
      );
      socket.destroy();
      return;
    }
    const connection = new Connection({
      socket,
      context: { broker, faults, endpoint: this.endpoint, peers: () => peersOf(this.name) },
      log: this.#log,
      maxRequestBytes: configs.number('socket.request.max.bytes'),
      maxResponseBytes: configs.number('queued.response.max.bytes'),
      idleMs: configs.number('connections.max.idle.ms'),
    });
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
    socket.resume();
  }

  close(): Promise<void> {
    this.#isOpen = false;
    for (const socket of this.#waiting.splice(0)) socket.destroy();
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}
