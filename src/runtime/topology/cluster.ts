import { resolve } from 'node:path';
import type {
  CassandraAccess,
  KafkaAccess,
  RegistryAccess,
  Secret,
  SiteAccess,
  TlsAccess,
} from '../../shared/access.ts';
import type { AccessFile, ExternalRegistry, SiteKafka } from './access-schema.ts';
import type { EngineKind } from './engines.ts';
import type { Report, YamlPath } from './problems.ts';
import type { ClusterSpec } from './types.ts';

interface ClusterScope {
  engine: EngineKind;
  /** Whether somebody named the engine. */
  isChosen: boolean;
  directory: string;
  report: Report;
}

type SiteInput = {
  kafka?: SiteKafka | undefined;
  registry?: ExternalRegistry | undefined;
  ports?: unknown;
} | null;

/** The cluster of a site with engine external; null with any other engine, which passes over what is said of it. */
export function normaliseCluster(name: string, site: SiteInput, scope: ClusterScope): ClusterSpec | null {
  const { engine, isChosen, report } = scope;
  const path = ['sites', name];
  const { kafka, registry } = site ?? {};
  if (engine !== 'external') {
    const isElsewhere = Array.isArray(kafka?.brokers);
    const given = isElsewhere ? 'kafka' : registry ? 'registry' : null;
    if (given && !isChosen)
      report(
        [...path, given],
        `${name} has ${given}, and nothing says engine: external; write it there`,
        'key',
      );
    return null;
  }
  if (site?.ports !== undefined)
    report([...path, 'ports'], `${name} is external: it has no ports of its own; remove "ports"`, 'key');
  for (const part of ['kafka', 'registry'] as const)
    if (!site?.[part])
      report(path, `${name} is external and needs "${part}"; expected ${examples[part]}`, 'key');
  const access = normaliseAccess({ kafka, registry }, path, scope.directory, report);
  if (registry?.tls && !registry.url.startsWith('https:'))
    report([...path, 'registry', 'tls'], 'tls: the url does not begin with https', 'key');
  const brokers = Array.isArray(kafka?.brokers) ? kafka.brokers : [];
  if (kafka && brokers.length === 0)
    report(
      [...path, 'kafka', 'brokers'],
      `${name} is external: "brokers" says where they are; expected ${examples.kafka}`,
    );
  return { brokers, registryUrl: registry?.url ?? '', access };
}

const examples = {
  kafka: 'kafka: { brokers: [host:9092] }',
  registry: 'registry: { url: http://host:8081 }',
};

/** With absolute paths; what does not fit together is reported. */
export function normaliseAccess(
  { kafka, registry, cassandra }: NonNullable<AccessFile[string]>,
  path: YamlPath,
  directory: string,
  report: Report,
): SiteAccess {
  const at = (...steps: string[]) => [...path, ...steps];
  const file = (name: string | undefined) => (name === undefined ? undefined : resolve(directory, name));
  const secret = (place: SecretPlace | undefined, steps: string[]) =>
    normaliseSecret(place, at(...steps), directory, report);
  const tls = (part: 'kafka' | 'registry'): TlsAccess | undefined => {
    const given = (part === 'kafka' ? kafka : registry)?.tls;
    if (!given) return undefined;
    if ((given.cert === undefined) !== (given.key === undefined))
      report(at(part, 'tls'), 'tls: cert and key are given together, or neither', 'key');
    return compact({
      ...given,
      ...{ ca: file(given.ca), cert: file(given.cert), key: file(given.key) },
      passphrase: secret(given.passphrase, [part, 'tls', 'passphrase']),
    });
  };
  const sasl = (): KafkaAccess['sasl'] => {
    if (!kafka?.sasl) return undefined;
    const { mechanism, username, password, token } = kafka.sasl;
    const needed = mechanism === 'oauthbearer' ? ['token'] : ['username', 'password'];
    for (const key of needed)
      if (kafka.sasl[key as 'token'] === undefined)
        report(at('kafka', 'sasl'), `sasl: ${mechanism} needs "${key}"`, 'key');
    return compact({
      ...{ mechanism, username },
      password: secret(password, ['kafka', 'sasl', 'password']),
      token: secret(token, ['kafka', 'sasl', 'token']),
    });
  };
  const user = (): Omit<RegistryAccess, 'tls'> => {
    if (!registry) return {};
    if ((registry.username === undefined) !== (registry.password === undefined))
      report(at('registry'), 'registry: username and password are given together, or neither', 'key');
    if (registry.token && registry.username !== undefined)
      report(at('registry', 'token'), 'token: expected this or username and password, not both', 'key');
    return {
      username: registry.username,
      password: secret(registry.password, ['registry', 'password']),
      token: secret(registry.token, ['registry', 'token']),
    };
  };
  const kafkaAccess = compact({ tls: tls('kafka'), sasl: sasl() });
  const registryAccess = compact({ ...user(), tls: tls('registry') });
  return compact({
    kafka: Object.keys(kafkaAccess).length > 0 ? kafkaAccess : undefined,
    registry: Object.keys(registryAccess).length > 0 ? registryAccess : undefined,
    cassandra: normaliseCassandra(cassandra ?? {}, at('cassandra'), directory, report) ?? undefined,
  });
}

type SecretPlace = { env?: string | undefined; file?: string | undefined };

function normaliseSecret(
  place: SecretPlace | undefined,
  path: YamlPath,
  directory: string,
  report: Report,
): Secret | undefined {
  if (!place) return undefined;
  const { env, file } = place;
  if ((env === undefined) === (file === undefined))
    report(path, `${path.at(-1)}: expected either env or file`);
  return env === undefined ? { file: resolve(directory, file ?? '') } : { env };
}

/** null when nobody is named. */
export function normaliseCassandra(
  { username, password }: { username?: string | undefined; password?: SecretPlace | undefined },
  path: YamlPath,
  directory: string,
  report: Report,
): CassandraAccess | null {
  const secret = normaliseSecret(password, [...path, 'password'], directory, report);
  if ((username === undefined) !== (secret === undefined))
    report(path, 'cassandra: username and password are given together, or neither', 'key');
  return username !== undefined && secret ? { username, password: secret } : null;
}

/** Without what is undefined, so that two of the same compare as equal. */
const compact = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as T;
