import type { Connection } from './connection.ts';
import type { Endpoint } from './handlers/handler.ts';
import { Listener, type ListenerOptions, type Surroundings } from './listener.ts';

/** The sockets of one node: its listeners, and who came through them. */
export class BrokerNode {
  readonly id: number;
  readonly listeners: readonly Listener[];
  readonly #connections = new Set<Connection>();

  constructor(id: number, listeners: readonly ListenerOptions[], surroundings: Surroundings) {
    this.id = id;
    this.listeners = listeners.map((options) => new Listener(options, id, this.#connections, surroundings));
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** `host:port` of each listener. */
  get addresses(): Record<string, string> {
    return Object.fromEntries(this.listeners.map(({ name, address }) => [name, address]));
  }

  endpoints(listener: string): Endpoint[] {
    return this.listeners.filter(({ name }) => name === listener).map(({ endpoint }) => endpoint);
  }

  /** Takes the ports, all or none. Throws DDS_PORT_TAKEN. */
  async bind(): Promise<void> {
    try {
      for (const listener of this.listeners) await listener.bind();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  open(): void {
    for (const listener of this.listeners) listener.open();
  }

  async close(): Promise<void> {
    const closed = this.listeners.map((listener) => listener.close());
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(closed);
    this.#connections.clear();
  }
}
