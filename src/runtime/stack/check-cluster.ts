import { DdsError } from '../../errors/index.ts';
import { kafkaAt, registryAt } from '../../shared/access.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Kafka } from '../kafka/index.ts';
import type { RegistryClient } from '../serde/index.ts';
import type { CassandraSpec } from '../topology/index.ts';
import { storeFlag } from './store-flag.ts';
import type { SiteEndpoints } from './types.ts';

/** Connections to a cluster that dds did not start, for a look whether it is there. Nothing is connected before. */
export class ClusterCheck {
  readonly #site: SiteEndpoints;
  readonly #clock: Clock;
  #opened: Promise<{ kafka: Kafka; registry: RegistryClient }> | null = null;

  constructor(site: SiteEndpoints, clock: Clock = systemClock) {
    this.#site = site;
    this.#clock = clock;
  }

  /** Number of its brokers. Throws why there is no way in. */
  async kafka(): Promise<number> {
    const { kafka } = await this.#open();
    await kafka.connect();
    return (await kafka.admin().brokers()).length;
  }

  /** Throws the same of the Schema Registry. */
  async registry(): Promise<void> {
    const { registry } = await this.#open();
    await registry.check();
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => null);
    await opened?.kafka.close();
  }

  /** Loaded here: a stack without such a site does without. */
  #open() {
    this.#opened ??= (async () => {
      const [{ createKafka }, { createRegistryClient }] = await Promise.all([
        import('../kafka/index.ts'),
        import('../serde/registry-client.ts'),
      ]);
      const clock = this.#clock;
      const settings = { ...kafkaAt(this.#site, 'dds-check'), requestTimeoutMs: 10_000 };
      return {
        kafka: createKafka(settings, { clock }),
        registry: createRegistryClient(registryAt(this.#site), { clock }),
      };
    })();
    return this.#opened;
  }
}

/** The same error, with the name of the site. */
async function named<T>(site: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    const { code, message, hint, details } = DdsError.from(cause);
    const isAway = code === 'DDS_BROKER_UNREACHABLE' || code === 'DDS_REGISTRY_UNREACHABLE';
    throw new DdsError(code, `${site}: ${message}`, {
      hint: isAway ? 'Check its address in dds.yaml, and that it can be reached from this machine.' : hint,
      ...{ cause, details: { ...details, site } },
    });
  }
}

/** One part of a site that dds does not start. */
export interface ClusterLook {
  readonly site: string;
  readonly part: 'Kafka' | 'Schema Registry' | 'Cassandra';
  /** What answers; rejects with why there is no way in. */
  readonly answer: Promise<string>;
}

/** Looks for the brokers and the registry of an external site, both at once. */
export function lookAtCluster(at: SiteEndpoints): ClusterLook[] {
  const { site, brokers, registryUrl, access } = at;
  const check = new ClusterCheck(at);
  const how = [access?.kafka?.tls && 'TLS', access?.kafka?.sasl?.mechanism.toUpperCase()].filter(Boolean);
  const kafka = named(site, () => check.kafka()).then((count) => {
    const by = how.length > 0 ? `, ${how.join(', ')}` : '';
    return `Kafka ${brokers.join(', ')} answers (${count} ${count === 1 ? 'broker' : 'brokers'}${by})`;
  });
  const registry = named(site, () => check.registry()).then(() => `Schema Registry ${registryUrl} answers`);
  void Promise.allSettled([kafka, registry]).then(() => check.close());
  return [
    { site, part: 'Kafka', answer: kafka },
    { site, part: 'Schema Registry', answer: registry },
  ];
}

/** The same for a Cassandra with contact points of its own. */
export function lookAtCassandra(at: SiteEndpoints, spec: CassandraSpec): ClusterLook {
  return { site: at.site, part: 'Cassandra', answer: named(at.site, () => checkCassandra(at, spec)) };
}

/** Connects as the sink will, and makes no keyspace yet. */
async function checkCassandra(at: SiteEndpoints, spec: CassandraSpec): Promise<string> {
  const [{ cassandraOptions }, { CassandraSession }] = await Promise.all([
    import('../jobs/sinks/cassandra/options.ts'),
    import('../jobs/sinks/cassandra/session.ts'),
  ]);
  await CassandraSession.check(await cassandraOptions(storeFlag(at.store!, spec), process.env, spec.access));
  return `Cassandra ${spec.contactPoints?.join(', ')} answers (data centre ${spec.localDataCenter})`;
}
