import { codeOf, createDelegationToken } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** CreateDelegationToken 1–3: nobody is known by name on a listener without authentication, so there are no tokens; as in Kafka. */
export const createDelegationTokenHandler = handler(
  createDelegationToken,
  () => ({
    errorCode: codeOf('DELEGATION_TOKEN_REQUEST_NOT_ALLOWED'),
    principalType: 'User',
    principalName: 'ANONYMOUS',
    tokenRequesterPrincipalType: 'User',
    tokenRequesterPrincipalName: 'ANONYMOUS',
  }),
  { leftOut: 'there are no tokens where nobody authenticates: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED' },
);
