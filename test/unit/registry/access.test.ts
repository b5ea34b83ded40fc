import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRegistryClient } from '../../../src/runtime/serde/index.ts';
import type { RegistryAccess } from '../../../src/shared/access.ts';
import { hasOpenssl, serverOptions, TestAuthority } from '../../support/certificates.ts';
import { startRegistry } from '../../support/registry.ts';

const directory = mkdtempSync(join(tmpdir(), 'dds-registry-access-'));
const secret = (name: string, text: string) => {
  writeFileSync(join(directory, name), text);
  return { file: join(directory, name) };
};
const password = secret('password', 'pencil\n');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A door before a registry: 401 without, 403 with another than the expected authorization. */
async function startDoor(expected: string, tls?: ReturnType<typeof serverOptions>) {
  await using stack = new AsyncDisposableStack();
  const { url } = stack.use(await startRegistry());
  const onRequest: Parameters<typeof createServer>[1] = (request, response) => {
    const { authorization } = request.headers;
    if (authorization !== expected) return void response.writeHead(authorization ? 403 : 401).end();
    void fetch(url + request.url).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
  };
  const server = tls ? createTlsServer(tls, onRequest) : createServer(onRequest);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const owned = stack.move();
  return {
    at: (access: RegistryAccess = {}, scheme = tls ? 'https' : 'http') =>
      createRegistryClient({ url: `${scheme}://127.0.0.1:${port}`, ...access }, { retryDelaysMs: [] }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const basic = `Basic ${Buffer.from('user:pencil').toString('base64')}`;

test('by user and password', async () => {
  await using door = await startDoor(basic);
  const client = door.at({ username: 'user', password });
  await client.check();
  expect(await client.subjects()).toEqual([]);
  await expect(door.at().check()).rejects.toMatchObject({ code: 'DDS_AUTHENTICATION' });
  const refused = door.at({ username: 'user', password: secret('wrong', 'crayon') }).check();
  await expect(refused).rejects.toMatchObject({ code: 'DDS_NOT_ALLOWED' });
  await expect(refused).rejects.not.toThrow(/crayon/);
});

test('by a token, which is read anew for each request', async () => {
  await using door = await startDoor('Bearer second');
  const client = door.at({ token: secret('token', 'first') });
  await expect(client.check()).rejects.toMatchObject({ code: 'DDS_NOT_ALLOWED' });
  secret('token', 'second\n');
  await client.check();
});

test('a secret that is not there is told by its place', async () => {
  await using door = await startDoor(basic);
  await expect(
    door.at({ username: 'user', password: { env: 'NOT_SET_HERE' } }).check(),
  ).rejects.toMatchObject({
    code: 'DDS_CREDENTIALS',
    message: expect.stringContaining('the variable NOT_SET_HERE, the password of user'),
  });
});

test.skipIf(!hasOpenssl)('over TLS, with a CA of its own', async () => {
  const authority = new TestAuthority(directory);
  const certificate = serverOptions(authority.issue('registry', 'IP:127.0.0.1'));
  await using door = await startDoor(basic, certificate);
  const user = { username: 'user', password };
  await door.at({ ...user, tls: { ca: authority.ca } }).check();
  await door.at({ ...user, tls: { verify: false } }).check();
  await expect(door.at(user).check()).rejects.toMatchObject({
    code: 'DDS_TLS',
    message: expect.stringContaining('is not trusted'),
  });
});

test('https to a port that speaks http is told', async () => {
  await using door = await startDoor(basic);
  await expect(door.at({}, 'https').check()).rejects.toMatchObject({
    code: 'DDS_TLS',
    message: expect.stringContaining('does not speak TLS'),
  });
});
