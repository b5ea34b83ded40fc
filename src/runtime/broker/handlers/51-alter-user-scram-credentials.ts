import { alterUserScramCredentials, codeOf } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** AlterUserScramCredentials 0 (KIP-554): each user for itself. Left out: nobody is asked for a password. */
export const alterUserScramCredentialsHandler = handler(
  alterUserScramCredentials,
  ({ deletions, upsertions }, { broker: { scramUsers, health } }) => {
    const told = health.attempt('SCRAM users', () => scramUsers.alter(deletions, upsertions));
    if (told) {
      const results = [...told].map(([user, problem]) => ({
        user,
        errorCode: problem ? codeOf(problem.error) : 0,
        errorMessage: problem?.reason ?? null,
      }));
      return { results };
    }
    const users = new Set([...deletions, ...upsertions].map(({ name }) => name));
    const failed = { errorCode: codeOf('KAFKA_STORAGE_ERROR'), errorMessage: health.trouble };
    return { results: [...users].map((user) => ({ user, ...failed })) };
  },
  { leftOut: 'users are kept and described; no listener asks for a password yet' },
);
