import { codeOf, describeUserScramCredentials } from '../../protocol/index.ts';
import { handler } from './handler.ts';

/** DescribeUserScramCredentials 0 (KIP-554): mechanisms and iterations, of all users where none is named. */
export const describeUserScramCredentialsHandler = handler(
  describeUserScramCredentials,
  ({ users }, { broker: { scramUsers } }) => {
    const asked = users?.map(({ name }) => name) ?? [];
    const names = asked.length === 0 ? scramUsers.names() : [...new Set(asked)];
    const failed = (user: string, error: Parameters<typeof codeOf>[0], errorMessage: string) => ({
      ...{ user, errorCode: codeOf(error), errorMessage, credentialInfos: [] },
    });
    const results = names.map((user) => {
      if (asked.indexOf(user) !== asked.lastIndexOf(user))
        return failed(
          user,
          'DUPLICATE_RESOURCE',
          `Cannot describe SCRAM credentials for the same user twice in a single request: ${user}`,
        );
      const credentialInfos = scramUsers.infosOf(user);
      if (credentialInfos) return { user, errorCode: 0, errorMessage: '', credentialInfos };
      const reason = `Attempt to describe a user credential that does not exist: ${user}`;
      return failed(user, 'RESOURCE_NOT_FOUND', reason);
    });
    return { errorCode: 0, errorMessage: '', results };
  },
);
