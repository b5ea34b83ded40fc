import { codeOf, saslAuthenticate } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** SaslAuthenticate 0–2: as SaslHandshake. */
export const saslAuthenticateHandler = handler(
  saslAuthenticate,
  () => ({
    errorCode: codeOf('ILLEGAL_SASL_STATE'),
    errorMessage: 'This listener does not authenticate.',
    authBytes: Buffer.alloc(0),
  }),
  { leftOut: 'no listener asks who somebody is yet: ILLEGAL_SASL_STATE' },
);
