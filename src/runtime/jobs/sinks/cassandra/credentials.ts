import { type CassandraAccess, readSecret } from '../../../../shared/access.ts';

/** Settings of a site as the variables that the store reads. Throws DDS_CREDENTIALS. */
export function cassandraVariables(access: CassandraAccess | null | undefined): Record<string, string> {
  if (!access) return {};
  const { username, password } = access;
  return {
    DDS_CASSANDRA_USERNAME: username,
    DDS_CASSANDRA_PASSWORD: readSecret(password, `the password of ${username} for Cassandra`),
    DDS_CASSANDRA_PASSWORD_FILE: '',
  };
}
