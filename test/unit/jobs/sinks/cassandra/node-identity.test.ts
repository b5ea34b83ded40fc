import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { expect, test } from 'vitest';
import { CassandraSession } from '../../../../../src/runtime/jobs/sinks/cassandra/session.ts';
import { hasOpenssl, serverOptions, TestAuthority } from '../../../../support/certificates.ts';
import { temporaryDirectory } from '../../../../support/temporary-directory.ts';

/** ERROR of the native protocol to the request: code 0, "no". */
const serverError = (request: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([request[0]! | 0x80, 0, request[2]!, request[3]!, 0, 0, 0, 0, 8]),
    Buffer.from([0, 0, 0, 0, 0, 2, 0x6e, 0x6f]),
  ]);

// The driver knows the nodes by their addresses, also where a contact point has a name; others it finds by address alone.
test.skipIf(!hasOpenssl).each([
  ['its address', 'IP:127.0.0.1', true],
  ['the name of a contact point', 'DNS:localhost', true],
  ['the name of another contact point', 'DNS:cassandra.test', true],
  ['some other name', 'DNS:elsewhere.test,IP:127.0.0.9', false],
])('a node whose certificate is for %s', async (_, names, isTrusted) => {
  const authority = new TestAuthority(temporaryDirectory());
  const server = createServer(serverOptions(authority.issue('node', names)));
  server.on('tlsClientError', () => undefined);
  let asked = 0;
  // A request of the driver's comes only once it trusts the node.
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (request) => {
      asked++;
      socket.write(serverError(request));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const error = await CassandraSession.check({
      contactPoints: [`localhost:${port}`, `cassandra.test:${port}`],
      ...{ localDataCenter: 'datacenter1', keyspace: 'k', replication: 1, ttlSeconds: null },
      ...{ bucketSeconds: 1, credentials: null, tls: { ca: readFileSync(authority.ca, 'utf8') } },
    }).then(
      () => null,
      (thrown: Error) => thrown,
    );
    expect(asked > 0).toBe(isTrusted);
    if (!isTrusted) expect(error!.message).toMatch(/TLS failed: Hostname\/IP does not match/);
  } finally {
    server.close();
  }
});
