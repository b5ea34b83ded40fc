import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KafkaAccess } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import { Connection } from './connection.ts';
import { unreachable } from './errors.ts';

const FIRST_BACKOFF_MS = 50;
/** Short enough that work goes on within seconds after a broker has come back. */
const MAX_BACKOFF_MS = 1000;

export interface Address {
  host: string;
  port: number;
}

export interface LinkOptions extends KafkaAccess {
  clientId: string;
  connectTimeoutMs: number;
  requestTimeoutMs: number;
  clock: Clock;
}

/** A connection to one broker that is made again when it was lost, after a pause that grows. */
export class BrokerLink {
  readonly #address: () => Address | undefined;
  readonly #options: LinkOptions;
  readonly #closed = new AbortController();
  #opening: Promise<Connection> | null = null;
  #connection: Connection | null = null;
  #failures = 0;
  #notBefore = 0;

  /** `address` is asked before each attempt: a broker may have moved. */
  constructor(address: () => Address | undefined, options: LinkOptions) {
    this.#address = address;
    this.#options = options;
  }

  /** `host:port`, as far as it is known. */
  get name(): string {
    const address = this.#address();
    return address ? `${address.host}:${address.port}` : '(unknown)';
  }

  /** The open connection, if there is one. */
  get current(): Connection | null {
    return this.#connection && !this.#connection.failure ? this.#connection : null;
  }

  /**
   * The open connection, once everything that has arrived is read. One that lay idle may have been closed by the broker
   * while this process was busy, and the request that finds that out would fail for no reason of its own.
   */
  async standing(): Promise<Connection | null> {
    if (this.current?.isIdle) {
      // What arrives while a turn handles its events is read in the turn after it.
      await nextTurn();
      await nextTurn();
    }
    return this.current;
  }

  /**
   * The open connection, or a new one. After a failure the next attempt waits its pause first, unless `now` is set.
   * @throws DDS_BROKER_UNREACHABLE, DDS_TLS, DDS_AUTHENTICATION or DDS_CREDENTIALS when this one attempt fails
   */
  connection(now = false): Promise<Connection> {
    const open = this.current;
    if (open) return Promise.resolve(open);
    this.#opening ??= this.#open(now).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #open(now: boolean): Promise<Connection> {
    const { clock } = this.#options;
    const pause = this.#notBefore - clock.monotonic();
    if (pause > 0 && !now) await clock.sleep(pause, this.#closed.signal);
    const address = this.#address();
    if (!address) throw unreachable('(unknown)', 'it is not in the cluster');
    try {
      const connection = await Connection.open({ ...this.#options, ...address }, this.#closed.signal);
      this.#failures = 0;
      this.#connection = connection;
      return connection;
    } catch (error) {
      const backoff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#failures++);
      this.#notBefore = clock.monotonic() + backoff * (0.8 + Math.random() * 0.2);
      throw error;
    }
  }

  close(): void {
    this.#closed.abort();
    this.#connection?.close();
  }
}
