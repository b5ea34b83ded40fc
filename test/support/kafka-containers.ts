import { randomUUID } from 'node:crypto';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificate } from './certificates.ts';
import { docker, freePort, logged, withoutImage } from './containers.ts';

const image = process.env.DDS_IMAGE_KAFKA ?? 'apache/kafka:4.4.0';

/** Why tests with Kafka in containers can't run here; null when they can. */
export const withoutKafka: string | null = withoutImage(image);

const label = ['--label', 'io.dds-lab.test=kafka'];
const started = 'Kafka Server started';
const heap = 'KAFKA_HEAP_OPTS=-Xms128m -Xmx320m';

const common = {
  KAFKA_PROCESS_ROLES: 'broker,controller',
  KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
  KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
  KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '4',
  KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
};
const variable = (config: string) => `KAFKA_${config.replaceAll('.', '_').toUpperCase()}`;
const environment = (env: Readonly<Record<string, string>>) =>
  [heap, ...Object.entries({ ...common, ...env }).map(([name, value]) => `${name}=${value}`)].flatMap(
    (one) => ['-e', one],
  );
const remove = async (...containers: string[]) => {
  if (containers.length > 0) await docker(['rm', '-f', '-v', ...containers]);
};

export interface KafkaCluster extends AsyncDisposable {
  /** In the order of their node ids, which begin with 1. */
  readonly brokers: readonly string[];
  kill(node: number): Promise<void>;
  /** Starts one that was killed; resolves when it serves. */
  start(node: number): Promise<void>;
}

/** Brokers without a password, which are the controllers too. Every topic is copied to all of them. `config`: as in server.properties. */
export async function startKafka({
  brokers: count = 1,
  config = {} as Readonly<Record<string, string>>,
} = {}): Promise<KafkaCluster> {
  const network = `dds-test-${randomUUID().slice(0, 8)}`;
  const ports = await Promise.all(Array.from({ length: count }, freePort));
  const names = ports.map((_, index) => `${network}-${index + 1}`);
  const starts = names.map(() => 1);
  const created: string[] = [];
  const dispose = async () => {
    await remove(...created);
    await docker(['network', 'rm', network]);
  };
  const copies = String(count);
  await docker(['network', 'create', ...label, network]);
  try {
    await Promise.all(
      names.map(async (name, index) => {
        const env = {
          KAFKA_NODE_ID: String(index + 1),
          KAFKA_CONTROLLER_QUORUM_VOTERS: names.map((voter, at) => `${at + 1}@${voter}:9095`).join(','),
          KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
          KAFKA_LISTENERS: 'HOST://:9092,INSIDE://:9094,CONTROLLER://:9095',
          KAFKA_ADVERTISED_LISTENERS: `HOST://127.0.0.1:${ports[index]},INSIDE://${name}:9094`,
          KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'HOST:PLAINTEXT,INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT',
          KAFKA_DEFAULT_REPLICATION_FACTOR: copies,
          KAFKA_MIN_INSYNC_REPLICAS: count > 1 ? '2' : '1',
          KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: copies,
          KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: copies,
          KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: count > 1 ? '2' : '1',
          KAFKA_BROKER_SESSION_TIMEOUT_MS: '4000',
          KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '1000',
          ...Object.fromEntries(Object.entries(config).map(([key, value]) => [variable(key), value])),
        };
        const at = ['--network', network, '-p', `127.0.0.1:${ports[index]}:9092`];
        await docker(['create', '--name', name, ...label, ...at, ...environment(env), image]);
        created.push(name);
      }),
    );
    await docker(['start', ...names]);
    await Promise.all(names.map((name) => logged(name, started, 1)));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    brokers: ports.map((port) => `127.0.0.1:${port}`),
    async kill(node) {
      await docker(['kill', names[node - 1]!]);
    },
    async start(node) {
      await docker(['start', names[node - 1]!]);
      await logged(names[node - 1]!, started, ++starts[node - 1]!);
    },
    [Symbol.asyncDispose]: dispose,
  };
}

export interface SecureKafka extends AsyncDisposable {
  /** SASL over TLS: SCRAM-SHA-512, SCRAM-SHA-256, PLAIN. */
  readonly secure: string;
  /** SASL without TLS: SCRAM-SHA-512 alone. */
  readonly clear: string;
}

/**
 * A broker that asks who comes. The first of the users may do all, the others may do nothing and have SCRAM-SHA-512 alone; `directory` is for files of the test.
 */
export async function startSecureKafka(
  certificate: Certificate,
  users: Readonly<Record<string, string>>,
  directory: string,
): Promise<SecureKafka> {
  const [secure, clear] = [await freePort(), await freePort()];
  const names = Object.keys(users);
  const plain = Object.entries(users).map(([user, password]) => `user_${user}="${password}"`);
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  const env = {
    KAFKA_NODE_ID: '1',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9095',
    KAFKA_INTER_BROKER_LISTENER_NAME: 'INSIDE',
    KAFKA_LISTENERS: 'INSIDE://localhost:9092,SECURE://:9093,CLEAR://:9094,CONTROLLER://localhost:9095',
    KAFKA_ADVERTISED_LISTENERS: `INSIDE://localhost:9092,SECURE://127.0.0.1:${secure},CLEAR://127.0.0.1:${clear}`,
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP:
      'INSIDE:PLAINTEXT,CONTROLLER:PLAINTEXT,SECURE:SASL_SSL,CLEAR:SASL_PLAINTEXT',
    KAFKA_SSL_KEYSTORE_TYPE: 'PEM',
    KAFKA_SSL_KEYSTORE_LOCATION: '/tmp/broker.pem',
    KAFKA_LISTENER_NAME_SECURE_SASL_ENABLED_MECHANISMS: 'SCRAM-SHA-512,SCRAM-SHA-256,PLAIN',
    KAFKA_LISTENER_NAME_SECURE_SCRAM___SHA___512_SASL_JAAS_CONFIG: scram,
    KAFKA_LISTENER_NAME_SECURE_SCRAM___SHA___256_SASL_JAAS_CONFIG: scram,
    KAFKA_LISTENER_NAME_SECURE_PLAIN_SASL_JAAS_CONFIG: `org.apache.kafka.common.security.plain.PlainLoginModule required ${plain.join(' ')};`,
    KAFKA_LISTENER_NAME_CLEAR_SASL_ENABLED_MECHANISMS: 'SCRAM-SHA-512',
    KAFKA_LISTENER_NAME_CLEAR_SCRAM___SHA___512_SASL_JAAS_CONFIG: scram,
    KAFKA_AUTHORIZER_CLASS_NAME: 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // Who comes from inside the container has no name.
    KAFKA_SUPER_USERS: `User:ANONYMOUS;User:${names[0]}`,
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
  };
  const keystore = join(directory, 'broker-keystore.pem');
  writeFileSync(keystore, readFileSync(certificate.key, 'utf8') + readFileSync(certificate.cert, 'utf8'));
  // The user in the container is another one.
  chmodSync(keystore, 0o644);
  const published = ['-p', `127.0.0.1:${secure}:9093`, '-p', `127.0.0.1:${clear}:9094`];
  const { stdout } = await docker(['create', ...label, ...published, ...environment(env), image]);
  const id = stdout.trim();
  try {
    await docker(['cp', keystore, `${id}:/tmp/broker.pem`]);
    await docker(['start', id]);
    await logged(id, started, 1);
    // The tool takes one of these at a time.
    for (const [user, password] of Object.entries(users)) {
      for (const bits of user === names[0] ? [256, 512] : [512]) {
        const config = `SCRAM-SHA-${bits}=[password=${password}]`;
        const alter = ['--alter', '--entity-type', 'users', '--entity-name', user, '--add-config', config];
        const at = ['--bootstrap-server', 'localhost:9092'];
        await docker(['exec', id, '/opt/kafka/bin/kafka-configs.sh', ...at, ...alter]);
      }
    }
  } catch (error) {
    await remove(id);
    throw error;
  }
  return {
    secure: `127.0.0.1:${secure}`,
    clear: `127.0.0.1:${clear}`,
    [Symbol.asyncDispose]: () => remove(id),
  };
}
