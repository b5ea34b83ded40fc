import type { CassandraAccess, SiteAccess } from '../../shared/access.ts';
import type { EngineKind } from './engines.ts';

/** A topology as the rest of dds reads it: names resolved, every default filled in, schemas read. Never changed. */
export interface Topology {
  /** Name of the stack; its state is under `.dds/<name>/`. */
  readonly name: string;
  /** Of the sites that do not name their own. */
  readonly engine: EngineKind;
  /** Absolute path of the file; null for the built-in example. */
  readonly file: string | null;
  readonly sites: readonly SiteSpec[];
  readonly relays: readonly RelaySpec[];
  readonly sinks: readonly SinkSpec[];
  readonly detectors: readonly DetectorSpec[];
  readonly notifiers: readonly NotifierSpec[];
  readonly jobs: readonly JobSpec[];
  readonly fleets: readonly FleetSpec[];
}

export interface SiteSpec {
  readonly name: string;
  readonly role: 'edge' | 'central';
  readonly engine: EngineKind;
  /** Kafka brokers that the engine starts; in an embedded site they share one process and one copy of the data. */
  readonly brokers: 1 | 3;
  /** Of the engine; a site whose cluster exists already listens nowhere here. */
  readonly ports: SitePorts;
  /** The cluster that exists already; null with every engine but external. */
  readonly cluster: ClusterSpec | null;
  /** What its containers are; null with every engine but docker. */
  readonly docker: DockerSpec | null;
  readonly store: StoreSpec | null;
  /** What is created at this site when it starts. */
  readonly topics: readonly TopicSpec[];
}

/** The containers of a site. */
export interface DockerSpec {
  readonly registry: 'apicurio' | 'confluent' | 'karapace' | 'embedded';
  /** The registry's is empty when it is embedded. */
  readonly images: { readonly kafka: string; readonly registry: string; readonly cassandra: string };
  readonly heapMib: { readonly kafka: number; readonly registry: number; readonly cassandra: number };
}

/** A Kafka cluster and a Schema Registry that dds did not start. */
export interface ClusterSpec {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
  /** Paths are absolute; secrets are only named. */
  readonly access: SiteAccess;
}

/** The database of a site. */
export type StoreSpec = { readonly kind: 'duckdb' } | CassandraSpec;

export interface CassandraSpec {
  readonly kind: 'cassandra';
  /** `host:port` of nodes that exist; null for the cluster that the engine starts. */
  readonly contactPoints: readonly string[] | null;
  readonly localDataCenter: string;
  readonly keyspace: string;
  /** Copies of each row, when the keyspace is made. */
  readonly replication: number;
  /** How long a row lives; null for ever. */
  readonly ttlSeconds: number | null;
  /** What time of a sensor's readings is one partition. */
  readonly bucketSeconds: number;
  readonly access: CassandraAccess | null;
  readonly tls: boolean;
  /** Absolute path of a file with certificates; null for those that Node knows. */
  readonly ca: string | null;
}

export interface SitePorts {
  readonly kafka: number;
  /** The listener that other sites come in by. */
  readonly wan: number;
  readonly registry: number;
  /** Of a database that the docker engine starts. */
  readonly cassandra: number;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
  /** Avro schema of the values, as one line of JSON. */
  readonly schema: { readonly subject: string; readonly text: string } | null;
}

export interface RelaySpec {
  /** Unique among what runs at the site; the service is `<site>/<name>`. */
  readonly name: string;
  /** Where the relay runs, and where it writes to. */
  readonly site: string;
  readonly sources: readonly string[];
  /** Names, globs or /regular expressions/: see topicMatcher. */
  readonly topics: readonly string[];
  readonly exclude: readonly string[];
  readonly delivery: 'exactly-once' | 'at-least-once';
  /** `same`, or a template with `{topic}` and perhaps `{site}`. */
  readonly names: string;
  readonly schemas: 'strict' | 'lenient';
  readonly onError: 'hold' | 'dead-letter';
}

export interface SinkSpec {
  readonly name: string;
  readonly site: string;
  readonly store: StoreSpec;
  readonly topics: readonly string[];
  readonly exclude: readonly string[];
}

/** What a crash of a stream job may leave: outputs that come twice, or none. */
export type Guarantee = 'at-least-once' | 'exactly-once';

/** Tells when a sensor exceeds its threshold and when it is back. */
export interface DetectorSpec {
  readonly name: string;
  readonly site: string;
  readonly topic: string;
  readonly events: string;
  /** In `unit`, as is the hysteresis. */
  readonly threshold: number;
  readonly unit: 'C' | 'F' | 'K';
  readonly hysteresis: number;
  readonly emit: 'transitions' | 'every';
  /** Thresholds by sensor, and by sensor type. */
  readonly sensors: Readonly<Record<string, number>>;
  readonly types: Readonly<Record<string, number>>;
  /** `dead-letter`, `fail`, `skip`, or the name of a topic. */
  readonly onError: string;
  readonly guarantee: Guarantee;
}

/** Sends messages of what a detector found. */
export interface NotifierSpec {
  readonly name: string;
  readonly site: string;
  readonly events: string;
  readonly channels: readonly ('console' | 'webhook' | 'telegram')[];
  readonly webhook: string | null;
  readonly guarantee: Guarantee;
  readonly telegram: {
    readonly chat: string;
    /** Absolute path; null: the token is in the environment. */
    readonly tokenFile: string | null;
    readonly api: string | null;
  } | null;
}

/** A program of the user's own that the supervisor keeps running. */
export interface JobSpec {
  readonly name: string;
  readonly site: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path. */
  readonly cwd: string;
}

/** The part of a fleet of simulated sensors that sends to one site. */
export interface FleetSpec {
  readonly name: string;
  readonly site: string;
  readonly topic: string;
  /** An absolute path or the name of a built-in record; null for the schema that the topic has. */
  readonly schema: string | null;
  readonly sensors: number;
  /** Messages per second of the sensors of this site. */
  readonly rate: number;
  readonly seed: number;
  /** Generators by field, as `dds simulate --field` takes them. */
  readonly fields: Readonly<Record<string, string>>;
  /** Faults by name, as the flags of `dds simulate` take them: `{ late: "5%:30s" }`. */
  readonly faults: Readonly<Record<string, string>>;
}
