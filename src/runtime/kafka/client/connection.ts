import type { Socket } from 'node:net';
import { DdsError } from '../../../errors/index.ts';
import type { KafkaAccess } from '../../../shared/access.ts';
import {
  type Api,
  apiVersions,
  decodeResponse,
  encodeRequest,
  type RequestInput,
  type ResponseOf,
} from '../../protocol/index.ts';
import { explained } from './diagnose.ts';
import { kafkaError, unreachable } from './errors.ts';
import { FrameReader } from './frame-reader.ts';
import { authenticate } from './sasl/authenticate.ts';
import { openSocket } from './socket.ts';

export interface ConnectionOptions extends KafkaAccess {
  host: string;
  port: number;
  clientId: string;
  connectTimeoutMs: number;
  requestTimeoutMs: number;
  /** Only finds out whether somebody answers: a failure is not looked into. */
  isProbe?: boolean;
}

export interface RequestOptions {
  /** Not above this version, whatever the broker offers. */
  maxVersion?: number;
  /** How much longer than usual the answer may take, ms (a long poll). */
  extraTimeoutMs?: number;
}

interface Pending {
  decode(frame: Buffer): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
  /** `performance.now()` when the answer is overdue. */
  untilMs: number;
}

/** A session is renewed when this share of it has passed, as Kafka's own client does. */
const RENEW_AT = 0.85;

// biome-ignore lint/suspicious/noExplicitAny: any API; its fields are inferred by the caller
type AnyApi = Api<any, any>;

/**
 * One connection to one broker, opened, with its API versions known and, where that is asked for, authenticated. Requests
 * are pipelined; when one is not answered in time, or the bytes make no sense, the connection ends and every open request
 * fails.
 */
export class Connection {
  readonly address: string;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #pending = new Map<number, Pending>();
  readonly #frames = new FrameReader();
  readonly #versions = new Map<number, { min: number; max: number }>();
  #correlationId = 0;
  #failure: Error | null = null;
  /** What is to be written once the session is renewed; null while nothing is held back. */
  #held: Buffer[][] | null = null;
  #renewal: NodeJS.Timeout | undefined;

  private constructor(socket: Socket, options: ConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.address = `${options.host}:${options.port}`;
    socket.on('data', (chunk) => this.#onData(chunk));
    socket.on('error', (error) => this.#fail(error));
    // The other end has closed: what we would write from here on is refused, long before the socket itself has ended.
    socket.on('end', () => this.#fail(new Error('connection closed')));
    socket.on('close', () => this.#fail(new Error('connection closed')));
  }

  /** @throws DDS_BROKER_UNREACHABLE, DDS_TLS, DDS_AUTHENTICATION, DDS_CREDENTIALS */
  static async open(options: ConnectionOptions, signal?: AbortSignal): Promise<Connection> {
    const { connectTimeoutMs, sasl } = options;
    const connection = new Connection(openSocket(options), options);
    const onAbort = () => connection.#fail(new Error('aborted'));
    const timer = setTimeout(
      () => connection.#fail(new Error(`no answer in ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      signal?.throwIfAborted();
      // Written before the connection stands: the socket keeps it, and a round trip is saved.
      await connection.#negotiate();
      if (sasl) connection.#renewIn(await authenticate(connection, sasl));
      return connection;
    } catch (error) {
      connection.#fail(error as Error);
      throw await explained(error as Error, options, Connection.open);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Why it ended; null while it is open. */
  get failure(): Error | null {
    return this.#failure;
  }

  /** Nothing is under way: only reading would tell that the other end has closed. */
  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** Version 0 is understood by every broker. */
  async #negotiate(): Promise<void> {
    const { errorCode, apiKeys } = await this.#send(apiVersions, 0, {}, this.#options.connectTimeoutMs);
    if (errorCode !== 0) throw kafkaError(errorCode, `asking ${this.address} for its API versions`);
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      this.#versions.set(apiKey, { min: minVersion, max: maxVersion });
    }
  }

  supports(api: AnyApi, version = api.minVersion): boolean {
    const offered = this.#versions.get(api.key);
    return offered !== undefined && offered.max >= version && offered.min <= api.maxVersion;
  }

  /** Whether the broker offers exactly this version. */
  offers(api: AnyApi, version: number): boolean {
    const offered = this.#versions.get(api.key);
    return offered !== undefined && offered.min <= version && version <= offered.max;
  }

  /** The highest version of the API that both ends speak. Throws DDS_KAFKA when there is none. */
  versionOf(api: AnyApi, maxVersion: number = api.maxVersion): number {
    const offered = this.#versions.get(api.key);
    const version = Math.min(offered?.max ?? -1, api.maxVersion, maxVersion);
    if (offered && version >= Math.max(offered.min, api.minVersion)) return version;
    throw new DdsError(
      'DDS_KAFKA',
      `broker ${this.address} offers ${offered ? `${api.name} ${offered.min} to ${offered.max}` : `no ${api.name}`}, dds speaks ${api.minVersion} to ${Math.min(api.maxVersion, maxVersion)}`,
    );
  }

  /** Sends a request and resolves with its answer. Rejects with DDS_BROKER_UNREACHABLE when the connection ends. */
  request<A extends AnyApi>(
    api: A,
    body: RequestInput<A>,
    options: RequestOptions = {},
  ): Promise<ResponseOf<A>> {
    const timeoutMs = this.#options.requestTimeoutMs + (options.extraTimeoutMs ?? 0);
    try {
      return this.#send(api, this.versionOf(api, options.maxVersion), body, timeoutMs);
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  /** The same, and not held back while the session is renewed: for what renews it. */
  requestNow<A extends AnyApi>(
    api: A,
    body: RequestInput<A>,
    options: RequestOptions = {},
  ): Promise<ResponseOf<A>> {
    const timeoutMs = this.#options.requestTimeoutMs + (options.extraTimeoutMs ?? 0);
    return this.#send(api, this.versionOf(api, options.maxVersion), body, timeoutMs, true);
  }

  /** Asks in exactly this version, offered or not: for what finds out how a broker answers. */
  requestIn<A extends AnyApi>(
    api: A,
    version: number,
    body: RequestInput<A>,
    { extraTimeoutMs = 0 }: RequestOptions = {},
  ): Promise<ResponseOf<A>> {
    return this.#send(api, version, body, this.#options.requestTimeoutMs + extraTimeoutMs);
  }

  /** Sends a request that is never answered (Produce with acks 0). */
  notify<A extends AnyApi>(api: A, body: RequestInput<A>, { maxVersion }: RequestOptions = {}): void {
    this.#write(encodeRequest(api, this.versionOf(api, maxVersion), this.#header(), body));
  }

  #send<A extends AnyApi>(
    api: A,
    version: number,
    body: RequestInput<A>,
    timeoutMs: number,
    isUrgent = false,
  ): Promise<ResponseOf<A>> {
    if (this.#failure) return Promise.reject(this.#failure);
    const header = this.#header();
    const chunks = encodeRequest(api, version, header, body);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#fail(new Error(`no answer to ${api.name} in ${timeoutMs} ms`)),
        timeoutMs,
      );
      this.#pending.set(header.correlationId, {
        decode: (frame) => resolve(decodeResponse(api, version, frame).body as ResponseOf<A>),
        reject,
        timer,
        untilMs: performance.now() + timeoutMs,
      });
      if (isUrgent) this.#flush(chunks);
      else this.#write(chunks);
    });
  }

  #header() {
    this.#correlationId = (this.#correlationId + 1) & 0x7fffffff;
    return { correlationId: this.#correlationId, clientId: this.#options.clientId };
  }

  #write(chunks: Buffer[]): void {
    if (this.#held) this.#held.push(chunks);
    else this.#flush(chunks);
  }

  #flush(chunks: Buffer[]): void {
    this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    this.#socket.uncork();
  }

  /** Authenticates again before the session ends (KIP-368). */
  #renewIn(lifetimeMs: number): void {
    if (lifetimeMs <= 0 || this.#failure) return;
    // Timers take no more than 31 bits.
    const delayMs = Math.min(lifetimeMs * RENEW_AT, 2 ** 31 - 1);
    this.#renewal = setTimeout(() => void this.#renew().catch((error: Error) => this.#fail(error)), delayMs);
    this.#renewal.unref();
  }

  /** Nothing else may be sent between the two requests; what is under way is answered first, however long it takes. */
  async #renew(): Promise<void> {
    const { sasl } = this.#options;
    if (!sasl || this.#failure) return;
    this.#held = [];
    const now = performance.now();
    const ahead = Math.max(0, ...[...this.#pending.values()].map(({ untilMs }) => untilMs - now));
    this.#renewIn(await authenticate(this, sasl, ahead));
    const held = this.#held;
    this.#held = null;
    for (const chunks of held) this.#flush(chunks);
  }

  #onData(chunk: Buffer): void {
    try {
      this.#frames.push(chunk, (frame) => this.#onFrame(frame));
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #onFrame(frame: Buffer): void {
    const correlationId = frame.readInt32BE(0);
    const pending = this.#pending.get(correlationId);
    if (!pending) throw new Error(`an answer to request ${correlationId}, which was not asked`);
    this.#pending.delete(correlationId);
    clearTimeout(pending.timer);
    try {
      pending.decode(frame);
    } catch (error) {
      pending.reject(error as Error);
      throw error;
    }
  }

  #fail(cause: Error): void {
    if (this.#failure) return;
    this.#failure = unreachable(this.address, cause);
    clearTimeout(this.#renewal);
    this.#socket.destroy();
    for (const { reject, timer } of this.#pending.values()) {
      clearTimeout(timer);
      reject(this.#failure);
    }
    this.#pending.clear();
  }

  /** Ends the connection; open requests fail. */
  close(): void {
    this.#fail(new Error('closed by dds'));
  }
}
