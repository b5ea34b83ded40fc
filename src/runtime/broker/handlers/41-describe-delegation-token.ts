import { codeOf, describeDelegationToken } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** DescribeDelegationToken 1–3: nobody is known by name on a listener without authentication, so there are no tokens; as in Kafka. */
export const describeDelegationTokenHandler = handler(
  describeDelegationToken,
  () => ({ errorCode: codeOf('DELEGATION_TOKEN_REQUEST_NOT_ALLOWED'), tokens: [] }),
  { leftOut: 'there are no tokens where nobody authenticates: DELEGATION_TOKEN_REQUEST_NOT_ALLOWED' },
);
