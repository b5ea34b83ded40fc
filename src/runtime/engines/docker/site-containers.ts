import { createHash } from 'node:crypto';
import { brokerPorts, type SiteSpec } from '../../topology/index.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { DockerStack } from './docker-stack.ts';

/** Ports inside the containers: of programs of this machine, of other sites, of the stack's containers, of the brokers. */
const inside = { host: 9092, wan: 9093, stack: 9094, controller: 9095 } as const;
const listenHost = '127.0.0.1';

/** What a site consists of, brokers first. A registry of ours runs in the site process and is none of these. */
export function siteContainers(site: SiteSpec, stack: DockerStack): ContainerSpec[] {
  const { store } = site;
  const ownStore = store?.kind === 'cassandra' && store.contactPoints === null ? store : null;
  return [
    ...brokerPorts(site).map((_, index) => kafka(site, stack, index + 1)),
    ...(docker(site).registry === 'embedded' ? [] : [registry(site, stack)]),
    ...(ownStore ? [cassandra(site, stack, ownStore.localDataCenter)] : []),
  ];
}

const docker = (site: SiteSpec) => {
  if (!site.docker) throw new Error(`${site.name} is no site of the docker engine`);
  return site.docker;
};

const named = (site: SiteSpec, stack: DockerStack, part: string) => ({
  part,
  name: `${stack.prefix}-${site.name}-${part}`,
  alias: `${site.name}-${part}`,
});

const heap = (mib: number) => `-Xms${Math.min(mib, 128)}m -Xmx${mib}m`;

function kafka(site: SiteSpec, stack: DockerStack, node: number): ContainerSpec {
  const { brokers } = site;
  const { images, heapMib } = docker(site);
  const part = `kafka-${node}`;
  const own = named(site, stack, part);
  const ports = brokerPorts(site)[node - 1]!;
  const voters = Array.from({ length: brokers }, (_, i) => `${i + 1}@${site.name}-kafka-${i + 1}`);
  const copies = String(brokers);
  const inSync = brokers === 3 ? '2' : '1';
  return {
    ...own,
    image: images.kafka,
    ports: [
      { container: inside.host, host: ports.kafka },
      { container: inside.wan, host: ports.wan },
    ],
    volume: { name: own.name, path: '/var/lib/kafka/data' },
    command: null,
    memoryMib: heapMib.kafka + 130,
    env: {
      KAFKA_HEAP_OPTS: heap(heapMib.kafka),
      CLUSTER_ID: clusterId(`${stack.directory}/${site.name}`),
      KAFKA_NODE_ID: String(node),
      KAFKA_PROCESS_ROLES: 'broker,controller',
      KAFKA_CONTROLLER_QUORUM_VOTERS: voters.map((voter) => `${voter}:${inside.controller}`).join(','),
      KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
      KAFKA_INTER_BROKER_LISTENER_NAME: 'STACK',
      KAFKA_LISTENERS: `HOST://:${inside.host},WAN://:${inside.wan},STACK://:${inside.stack},CONTROLLER://:${inside.controller}`,
      KAFKA_ADVERTISED_LISTENERS: `HOST://${listenHost}:${ports.kafka},WAN://${listenHost}:${ports.wan},STACK://${own.alias}:${inside.stack}`,
      KAFKA_LISTENER_SECURITY_PROTOCOL_MAP:
        'HOST:PLAINTEXT,WAN:PLAINTEXT,STACK:PLAINTEXT,CONTROLLER:PLAINTEXT',
      KAFKA_LOG_DIRS: '/var/lib/kafka/data',
      KAFKA_DEFAULT_REPLICATION_FACTOR: copies,
      KAFKA_MIN_INSYNC_REPLICAS: inSync,
      KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: copies,
      KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: copies,
      KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: inSync,
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR: copies,
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR: inSync,
      // A lab's worth of each: the defaults of 50 cost seconds at every start and restart.
      KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS: '4',
      KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS: '4',
      KAFKA_SHARE_COORDINATOR_STATE_TOPIC_NUM_PARTITIONS: '4',
      KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
      KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
      // A killed broker is let in again after this time, and its partitions move to others: 9 s by default.
      KAFKA_BROKER_SESSION_TIMEOUT_MS: '4000',
      KAFKA_BROKER_HEARTBEAT_INTERVAL_MS: '1000',
    },
  };
}

function registry(site: SiteSpec, stack: DockerStack): ContainerSpec {
  const { brokers } = site;
  const { registry: kind, images, heapMib } = docker(site);
  const own = named(site, stack, 'registry');
  const bootstrap = Array.from(
    { length: brokers },
    (_, i) => `${site.name}-kafka-${i + 1}:${inside.stack}`,
  ).join(',');
  const common = { ...own, image: images.registry, volume: null, command: null };
  const at = (container: number) => [{ container, host: site.ports.registry }];
  if (kind === 'confluent') {
    return {
      ...common,
      ports: at(8081),
      memoryMib: heapMib.registry + 100,
      env: {
        SCHEMA_REGISTRY_HEAP_OPTS: heap(heapMib.registry),
        SCHEMA_REGISTRY_HOST_NAME: own.alias,
        SCHEMA_REGISTRY_LISTENERS: 'http://0.0.0.0:8081',
        SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS: bootstrap,
        SCHEMA_REGISTRY_KAFKASTORE_TOPIC_REPLICATION_FACTOR: String(brokers),
      },
    };
  }
  if (kind === 'karapace') {
    return {
      ...common,
      ports: at(8081),
      command: ['python3', '-m', 'karapace'],
      memoryMib: 200,
      env: {
        KARAPACE_KARAPACE_REGISTRY: 'true',
        KARAPACE_HOST: '0.0.0.0',
        KARAPACE_PORT: '8081',
        KARAPACE_ADVERTISED_HOSTNAME: own.alias,
        KARAPACE_BOOTSTRAP_URI: bootstrap,
        KARAPACE_REPLICATION_FACTOR: String(brokers),
        KARAPACE_TOPIC_NAME: '_schemas',
      },
    };
  }
  return {
    ...common,
    ports: at(8080),
    memoryMib: heapMib.registry + 100,
    env: {
      // It has little to do, and starts in half the time when it is compiled lightly.
      JAVA_OPTS_APPEND: `${heap(heapMib.registry)} -XX:TieredStopAtLevel=1`,
      APICURIO_STORAGE_KIND: 'kafkasql',
      APICURIO_KAFKASQL_BOOTSTRAP_SERVERS: bootstrap,
      // Its default makes every start half a minute.
      APICURIO_KAFKASQL_CONSUMER_POLL_TIMEOUT: '1000',
      QUARKUS_HTTP_ACCESS_LOG_ENABLED: 'false',
    },
  };
}

function cassandra(site: SiteSpec, stack: DockerStack, dataCenter: string): ContainerSpec {
  const { images, heapMib } = docker(site);
  const own = named(site, stack, 'cassandra');
  return {
    ...own,
    image: images.cassandra,
    ports: [{ container: 9042, host: site.ports.cassandra }],
    volume: { name: own.name, path: '/var/lib/cassandra' },
    command: null,
    memoryMib: heapMib.cassandra + 250,
    env: {
      MAX_HEAP_SIZE: `${heapMib.cassandra}M`,
      HEAP_NEWSIZE: `${Math.round(heapMib.cassandra / 4)}M`,
      CASSANDRA_CLUSTER_NAME: `dds ${site.name}`,
      CASSANDRA_NUM_TOKENS: '1',
      ...(dataCenter === 'datacenter1'
        ? {}
        : { CASSANDRA_DC: dataCenter, CASSANDRA_ENDPOINT_SNITCH: 'GossipingPropertyFileSnitch' }),
      // A single node has nobody to wait for.
      JVM_EXTRA_OPTS:
        '-Dcassandra.skip_wait_for_gossip_to_settle=0 -Dcassandra.ring_delay_ms=0 -Dcassandra.initial_token=0',
    },
  };
}

/** The same at every start, as KRaft wants it: 16 bytes in base64url, the first of them such that no dash comes first. */
function clusterId(site: string): string {
  const bytes = createHash('sha256').update(site).digest().subarray(0, 16);
  bytes[0] = bytes[0]! & 0x3f;
  return bytes.toString('base64url');
}
