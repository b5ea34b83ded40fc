import { codeOf, expireDelegationToken } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** ExpireDelegationToken 1–2: nobody is known by name on a listener without authentication, so there are no tokens; as in Kafka. */
export const expireDelegationTokenHandler = handler(
  expireDelegationToken,
  () => ({ errorCode: codeOf('DELEGATION_TOKEN_REQUEST_NOT_ALLOWED') }),
  { leftOut: 'there are no tokens where nobody authenticates: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED' },
);
