import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { SaslExchange } from './exchange.ts';

const derive = promisify(pbkdf2);
/** What a server may ask for; less is unsafe (RFC 7677), more only costs time. */
const minIterations = 4096;
const maxIterations = 10_000_000;

export interface ScramOptions {
  /** Of node:crypto: `sha256`, `sha512`. */
  digest: string;
  username: string;
  password: string;
  /** Only tests give one. */
  nonce?: string;
}

/** Authenticates both ends by a password that neither sends (RFC 5802), without channel binding. */
export function scram({ digest, username, password, nonce }: ScramOptions): SaslExchange {
  const ownNonce = nonce ?? randomBytes(24).toString('base64').replaceAll(',', '');
  // "," and "=" part the fields of a message.
  const clientFirst = `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')},r=${ownNonce}`;
  let serverSignature: Buffer | null = null;

  const hmac = (key: Buffer, text: string) => createHmac(digest, key).update(text).digest();

  async function clientFinal(serverFirst: string): Promise<Buffer> {
    const { r = '', s = '', i = '' } = fieldsOf(serverFirst);
    const iterations = Number(i);
    if (!r.startsWith(ownNonce) || r.length === ownNonce.length)
      throw new Error('the nonce that it sent is not ours');
    if (!(iterations >= minIterations && iterations <= maxIterations))
      throw new Error(`it asks for ${i || 'no'} iterations, not ${minIterations} to ${maxIterations}`);
    const length = createHash(digest).digest().length;
    const salted = await derive(password, Buffer.from(s, 'base64'), iterations, length, digest);
    const clientKey = hmac(salted, 'Client Key');
    const storedKey = createHash(digest).update(clientKey).digest();
    const withoutProof = `c=biws,r=${r}`;
    const exchanged = `${clientFirst},${serverFirst},${withoutProof}`;
    const clientSignature = hmac(storedKey, exchanged);
    serverSignature = hmac(hmac(salted, 'Server Key'), exchanged);
    const proof = clientKey.map((byte, at) => byte ^ clientSignature[at]!);
    return Buffer.from(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`);
  }

  return {
    first: () => Buffer.from(`n,,${clientFirst}`),
    async next(challenge) {
      const text = challenge.toString('utf8');
      if (serverSignature === null) return clientFinal(text);
      const { v = '', e } = fieldsOf(text);
      if (e !== undefined) throw new Error(e);
      const signature = Buffer.from(v, 'base64');
      if (signature.length !== serverSignature.length || !timingSafeEqual(signature, serverSignature))
        throw new Error('it does not know the password either: its signature is wrong');
      return null;
    },
  };
}

/** `r=abc,s=xyz` → `{ r: 'abc', s: 'xyz' }` */
function fieldsOf(message: string): Record<string, string> {
  return Object.fromEntries(
    message.split(',').map((field) => [field.slice(0, 1), field.slice(2)] as [string, string]),
  );
}
