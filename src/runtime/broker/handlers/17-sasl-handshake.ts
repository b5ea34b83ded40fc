import { codeOf, saslHandshake } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** SaslHandshake 0–1: no listener has SASL yet, and Kafka says so in these words on one without. */
export const saslHandshakeHandler = handler(
  saslHandshake,
  () => ({ errorCode: codeOf('ILLEGAL_SASL_STATE'), mechanisms: [] }),
  { leftOut: 'no listener asks who somebody is yet: ILLEGAL_SASL_STATE' },
);
