import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { FrameReader } from '../../src/runtime/kafka/client/frame-reader.ts';
import {
  type Api,
  apiVersions,
  codeOf,
  decodeRequest,
  decodeResponse,
  encodeResponse,
  type ResponseInput,
  saslAuthenticate,
  saslHandshake,
} from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from './broker.ts';

export interface FrontOptions {
  tls?: TlsOptions;
  /** PLAIN, with these users and their passwords; `sessionMs` ends each session (KIP-368). */
  sasl?: { users: Record<string, string>; sessionMs?: number };
}

export interface SecureBroker extends RunningBroker {
  /** Successful authentications. */
  readonly sessions: () => number;
  /** Requests that came after their session had ended. */
  readonly late: () => number;
}

/** An embedded broker that is reached only through a door that encrypts, or asks who comes, or both. */
export async function startSecureBroker({ tls, sasl }: FrontOptions): Promise<SecureBroker> {
  const sockets = new Set<Socket>();
  let target = 0;
  let sessions = 0;
  let late = 0;
  const onClient = (client: Socket) => {
    const broker = connect({ host: '127.0.0.1', port: target, noDelay: true });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          other.destroy();
        });
    }
    if (sasl) doorkeeper(client, broker, sasl, { onSession: () => sessions++, onLate: () => late++ });
    else void client.pipe(broker).pipe(client);
  };
  const server: Server = tls ? createTlsServer(tls, onClient) : createServer(onClient);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const inside = await startBroker({
    listeners: [{ name: 'local', host: '127.0.0.1', port: 0, advertisedPort: port }],
  });
  target = Number(inside.brokers[0]!.split(':')[1]);
  return {
    broker: inside.broker,
    brokers: [`127.0.0.1:${port}`],
    sessions: () => sessions,
    late: () => late,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await inside[Symbol.asyncDispose]();
    },
  };
}

/** Lets nothing but ApiVersions through to the broker before the client has authenticated, and after its session. */
function doorkeeper(
  client: Socket,
  broker: Socket,
  { users, sessionMs = 0 }: NonNullable<FrontOptions['sasl']>,
  { onSession, onLate }: { onSession(): void; onLate(): void },
): void {
  const [fromClient, fromBroker] = [new FrameReader(), new FrameReader()];
  const versionAsks = new Map<number, number>();
  let openUntil = 0;
  const sized = (frame: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeInt32BE(frame.length);
    return Buffer.concat([size, frame]);
  };
  // biome-ignore lint/suspicious/noExplicitAny: any API
  const answer = <A extends Api<any, any>>(api: A, frame: Buffer, body: ResponseInput<A>) =>
    client.write(Buffer.concat(encodeResponse(api, frame.readInt16BE(2), frame.readInt32BE(4), body)));
  const onRequests = (chunk: Buffer) =>
    fromClient.push(chunk, (frame) => {
      const key = frame.readInt16BE(0);
      if (key === saslHandshake.key) {
        const { mechanism } = decodeRequest(saslHandshake, frame).body;
        const errorCode = mechanism === 'PLAIN' ? 0 : codeOf('UNSUPPORTED_SASL_MECHANISM');
        return answer(saslHandshake, frame, { errorCode, mechanisms: ['PLAIN'] });
      }
      if (key === saslAuthenticate.key) {
        const [, user = '', password] = decodeRequest(saslAuthenticate, frame)
          .body.authBytes.toString()
          .split('\0');
        const isKnown = password !== undefined && users[user] === password;
        if (isKnown) onSession();
        openUntil = isKnown ? performance.now() + (sessionMs || Number.POSITIVE_INFINITY) : 0;
        return answer(saslAuthenticate, frame, {
          errorCode: isKnown ? 0 : codeOf('SASL_AUTHENTICATION_FAILED'),
          errorMessage: isKnown ? null : 'Invalid username or password',
          authBytes: Buffer.alloc(0),
          sessionLifetimeMs: sessionMs,
        });
      }
      if (key === apiVersions.key) versionAsks.set(frame.readInt32BE(4), frame.readInt16BE(2));
      else if (performance.now() > openUntil) {
        if (openUntil > 0) onLate();
        return client.destroy();
      }
      return broker.write(sized(frame));
    });
  client.on('data', (chunk: Buffer) => {
    try {
      onRequests(chunk);
    } catch {
      // Not Kafka's protocol, but the beginning of TLS.
      client.destroy();
    }
  });
  broker.on('data', (chunk: Buffer) =>
    fromBroker.push(chunk, (frame) => {
      const version = versionAsks.get(frame.readInt32BE(0));
      if (version === undefined) return client.write(sized(frame));
      const { correlationId, body } = decodeResponse(apiVersions, version, frame);
      const doors = [saslHandshake, saslAuthenticate].map(({ key, minVersion, maxVersion }) => ({
        ...{ apiKey: key, minVersion, maxVersion },
      }));
      const apiKeys = [...body.apiKeys, ...doors];
      return client.write(
        Buffer.concat(encodeResponse(apiVersions, version, correlationId, { ...body, apiKeys })),
      );
    }),
  );
}
