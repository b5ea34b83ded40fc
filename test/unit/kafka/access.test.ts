import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKafka, type Kafka } from '../../../src/runtime/kafka/index.ts';
import type { KafkaAccess } from '../../../src/shared/access.ts';
import { startBroker } from '../../support/broker.ts';
import { hasOpenssl, serverOptions, TestAuthority } from '../../support/certificates.ts';
import { type FrontOptions, startSecureBroker } from '../../support/secure-front.ts';

const directory = mkdtempSync(join(tmpdir(), 'dds-access-'));
beforeAll(() => {
  writeFileSync(join(directory, 'right'), 'pencil\n');
  writeFileSync(join(directory, 'wrong'), 'crayon\n');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Works with a broker behind a door, as somebody. */
async function using<T>(
  front: FrontOptions,
  access: KafkaAccess,
  work: (kafka: Kafka) => Promise<T>,
): Promise<T> {
  await using cluster = await startSecureBroker(front);
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test', ...access });
  try {
    return await work(kafka);
  } finally {
    await kafka.close();
  }
}

/** Writes and reads over every kind of connection the port has. */
async function roundTrip(kafka: Kafka): Promise<number[]> {
  await kafka.connect();
  await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
  const producer = kafka.producer();
  await producer.start();
  for (let i = 0; i < 1000; i++) producer.append('t', 0, null, Buffer.alloc(500), 1000 + i, null, i);
  await producer.flush();
  const fetcher = kafka.fetcher();
  fetcher.seek('t', 0, 0);
  const offsets: number[] = [];
  while (offsets.length < 1000) {
    const { partitions, problems } = await fetcher.poll(5000);
    if (problems[0]) throw problems[0].error;
    for (const { records } of partitions) while (records.next()) offsets.push(records.offset);
  }
  return offsets;
}
const thousand = Array.from({ length: 1000 }, (_, i) => i);
const connect = (kafka: Kafka) => kafka.connect();

describe.skipIf(!hasOpenssl)('TLS', () => {
  let authority: TestAuthority;
  let tls: ReturnType<typeof serverOptions>;
  beforeAll(() => {
    authority = new TestAuthority(directory);
    tls = serverOptions(authority.issue('broker', 'DNS:localhost,IP:127.0.0.1'));
  });

  test('records go both ways', async () => {
    expect(await using({ tls }, { tls: { ca: authority.ca } }, roundTrip)).toEqual(thousand);
  });

  test('a certificate of nobody is told, and can be taken all the same', async () => {
    await expect(using({ tls }, { tls: {} }, connect)).rejects.toMatchObject({
      code: 'DDS_TLS',
      message: expect.stringMatching(/^the certificate of broker 127\.0\.0\.1:\d+ is not trusted/),
      hint: expect.stringContaining('tls.ca'),
    });
    await using({ tls }, { tls: { verify: false } }, connect);
  });

  test('a certificate for another name is told, with the names it has', async () => {
    const other = serverOptions(authority.issue('other', 'DNS:kafka.example'));
    const access = (servername?: string) => ({ tls: { ca: authority.ca, servername } });
    await expect(using({ tls: other }, access(), connect)).rejects.toMatchObject({
      code: 'DDS_TLS',
      message: expect.stringContaining('is for another name (DNS:kafka.example)'),
    });
    await using({ tls: other }, access('kafka.example'), connect);
  });

  test('a broker that wants a certificate of the client says so', async () => {
    const asking = { ...tls, requestCert: true, rejectUnauthorized: true };
    const front = {
      tls: { ...asking, ca: [readFileSync(authority.ca)] },
    };
    await expect(using(front, { tls: { ca: authority.ca } }, connect)).rejects.toMatchObject({
      code: 'DDS_TLS',
      message: expect.stringContaining('refused the TLS handshake'),
    });
    const client = authority.issue('client', 'DNS:client');
    await using(front, { tls: { ca: authority.ca, ...client } }, connect);
  });

  test('a key that does not belong to the certificate is told before anything is sent', async () => {
    const [one, two] = [authority.issue('one', 'DNS:one'), authority.issue('two', 'DNS:two')];
    const access = { tls: { ca: authority.ca, cert: one.cert, key: two.key } };
    await expect(using({ tls }, access, connect)).rejects.toMatchObject({
      code: 'DDS_TLS',
      message: expect.stringContaining('mismatch'),
    });
  });

  test('who speaks plainly to a port with TLS is told', async () => {
    await expect(using({ tls }, {}, connect)).rejects.toMatchObject({
      code: 'DDS_TLS',
      message: expect.stringMatching(/^broker 127\.0\.0\.1:\d+ wants TLS on this port$/),
    });
  });

  test('TLS and SASL go together', async () => {
    const sasl = {
      mechanism: 'plain' as const,
      username: 'user',
      password: { file: join(directory, 'right') },
    };
    const front = { tls, sasl: { users: { user: 'pencil' } } };
    expect(await using(front, { tls: { ca: authority.ca }, sasl }, roundTrip)).toEqual(thousand);
  });
});

test('who speaks TLS to a port without is told', async () => {
  await using cluster = await startBroker();
  const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test', tls: {} });
  await expect(kafka.connect()).rejects.toMatchObject({
    code: 'DDS_TLS',
    message: expect.stringContaining('does not speak TLS on this port'),
  });
  await kafka.close();
});

describe('SASL', () => {
  const front = (sessionMs?: number) => ({
    sasl: { users: { user: 'pencil' }, ...(sessionMs !== undefined && { sessionMs }) },
  });
  const plain = (file: string, username = 'user') => ({
    sasl: { mechanism: 'plain' as const, username, password: { file: join(directory, file) } },
  });

  test('records go both ways', async () => {
    expect(await using(front(), plain('right'), roundTrip)).toEqual(thousand);
  });

  test.each([
    ['a wrong password', plain('wrong'), /does not accept user user: Invalid username or password$/],
    ['a user that is not there', plain('right', 'nobody'), /does not accept user nobody/],
    [
      'a mechanism that is not offered',
      { sasl: { ...plain('right').sasl, mechanism: 'scram-sha-256' as const } },
      /does not offer SASL by SCRAM-SHA-256$/,
    ],
    ['nothing at all', {}, /wants SASL, and none is set$/],
  ])('%s is told', async (_, access, message) => {
    const failed = using(front(), access, connect);
    await expect(failed).rejects.toMatchObject({
      code: 'DDS_AUTHENTICATION',
      message: expect.stringMatching(message),
    });
    // The password itself never is.
    await expect(failed).rejects.not.toThrow(/crayon|pencil/);
  });

  test('what the broker offers stands in the hint', async () => {
    const access = { sasl: { mechanism: 'oauthbearer' as const, token: { file: join(directory, 'right') } } };
    await expect(using(front(), access, connect)).rejects.toMatchObject({
      hint: expect.stringContaining('It offers PLAIN'),
    });
  });

  test('a broker without SASL says so', async () => {
    await using cluster = await startBroker();
    const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test', ...plain('right') });
    await expect(kafka.connect()).rejects.toMatchObject({
      code: 'DDS_AUTHENTICATION',
      message: expect.stringContaining('takes no SASL'),
    });
    await kafka.close();
  });

  test('a secret that is not there is told by its place', async () => {
    await expect(using(front(), plain('nowhere'), connect)).rejects.toMatchObject({
      code: 'DDS_CREDENTIALS',
      message: expect.stringMatching(/nowhere, the password of user for broker \S+, cannot be read/),
    });
    const unset = {
      sasl: { mechanism: 'plain' as const, username: 'user', password: { env: 'NOT_SET_HERE' } },
    };
    await expect(using(front(), unset, connect)).rejects.toMatchObject({
      code: 'DDS_CREDENTIALS',
      message: expect.stringContaining('the variable NOT_SET_HERE'),
    });
  });

  test('a session is renewed while records go through it', async () => {
    await using cluster = await startSecureBroker(front(1000));
    const kafka = createKafka({ brokers: cluster.brokers, clientId: 'test', ...plain('right') });
    try {
      await kafka.connect();
      await kafka.admin().createTopics([{ name: 't', partitions: 1 }]);
      const producer = kafka.producer({ lingerMs: 0 });
      await producer.start();
      let sent = 0;
      while (cluster.sessions() < 8) {
        producer.append('t', 0, null, Buffer.from('x'), 1000, null, sent++);
        await producer.flush();
      }
      expect(await kafka.admin().offsets([{ topic: 't', partition: 0 }], 'latest')).toEqual([sent]);
      expect(cluster.late()).toBe(0);
    } finally {
      await kafka.close();
    }
  });
});
