import { expect, test } from 'vitest';
import { scram } from '../../../src/runtime/kafka/client/sasl/scram.ts';

/** The examples of RFC 5802 (section 5) and RFC 7677 (section 3). */
const examples = [
  {
    digest: 'sha1',
    nonce: 'fyko+d2lbbFgONRv9qkxdawL',
    serverFirst: 'r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096',
    clientFinal: 'c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    serverFinal: 'v=rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    digest: 'sha256',
    nonce: 'rOprNGfwEbeRWgbNEkqO',
    serverFirst: 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    clientFinal:
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    serverFinal: 'v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
];
const user = { username: 'user', password: 'pencil' };
const [, sha256] = examples as [(typeof examples)[number], (typeof examples)[number]];

test.each(examples)('the example of the RFC with $digest', async (example) => {
  const { digest, nonce, serverFirst, clientFinal, serverFinal } = example;
  const exchange = scram({ ...user, digest, nonce });
  expect(exchange.first().toString()).toBe(`n,,n=user,r=${nonce}`);
  expect((await exchange.next(Buffer.from(serverFirst)))?.toString()).toBe(clientFinal);
  expect(await exchange.next(Buffer.from(serverFinal))).toBeNull();
});

test('what parts the fields of a message is written otherwise in a name', () => {
  const exchange = scram({ digest: 'sha512', username: 'a=b,c', password: '', nonce: 'x' });
  expect(exchange.first().toString()).toBe('n,,n=a=3Db=2Cc,r=x');
});

test('every exchange has a nonce of its own', () => {
  const first = () =>
    scram({ ...user, digest: 'sha256' })
      .first()
      .toString();
  expect(first()).not.toBe(first());
});

test.each([
  ['a nonce that is not ours', 'r=other,s=QSXCR+Q6sek8bf92,i=4096', /nonce/],
  ['our nonce and nothing of its own', `r=${sha256.nonce},s=QSXCR+Q6sek8bf92,i=4096`, /nonce/],
  ['too few iterations', `r=${sha256.nonce}1,s=QSXCR+Q6sek8bf92,i=1`, /1 iterations, not 4096/],
  ['iterations without end', `r=${sha256.nonce}1,s=QSXCR+Q6sek8bf92,i=4294967295`, /iterations/],
  ['nothing of the kind', 'hello', /nonce/],
])('a server that sends %s is not trusted', async (_, serverFirst, message) => {
  const exchange = scram({ ...user, digest: 'sha256', nonce: sha256.nonce });
  await expect(exchange.next(Buffer.from(serverFirst))).rejects.toThrow(message);
});

test.each([
  ['a wrong signature', 'v=AAAATRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=', /signature is wrong/],
  ['no signature', 'x', /signature is wrong/],
  ['an error', 'e=other-error', /other-error/],
])('a server that ends with %s is not trusted', async (_, serverFinal, message) => {
  const exchange = scram({ ...user, digest: 'sha256', nonce: sha256.nonce });
  await exchange.next(Buffer.from(sha256.serverFirst));
  await expect(exchange.next(Buffer.from(serverFinal))).rejects.toThrow(message);
});
