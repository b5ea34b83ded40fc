import { DdsError } from '../../errors/index.ts';
import { kafkaAt, registryAt } from '../../shared/access.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { Kafka } from '../kafka/index.ts';
import type { RegistryClient } from '../serde/index.ts';
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

  /** Number of its brokers. Throws why there is no way in, with the name of the site. */
  async kafka(): Promise<number> {
    const { kafka } = await this.#open();
    return named(this.#site.site, async () => {
      await kafka.connect();
      return (await kafka.admin().brokers()).length;
    });
  }

  /** Throws the same of the Schema Registry. */
  async registry(): Promise<void> {
    const { registry } = await this.#open();
    await named(this.#site.site, () => registry.check());
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

/**
 * Looks whether every part of these sites is there, all at once; `tell` hears of each that is. Throws the first that is
 * not, once every look has ended.
 */
export async function checkClusters(
  sites: readonly SiteEndpoints[],
  checkStore: (site: SiteEndpoints) => Promise<string | null>,
  tell: (site: string, message: string) => void,
): Promise<void> {
  const looks = sites.flatMap((site) => {
    const check = new ClusterCheck(site);
    const { brokers, registryUrl, access } = site;
    const how = [access?.kafka?.tls && 'TLS', access?.kafka?.sasl?.mechanism.toUpperCase()].filter(Boolean);
    const stored = named(site.site, () => checkStore(site)).then(
      (message) => message && tell(site.site, message),
    );
    if (site.engine !== 'external') return [stored];
    const kafka = check.kafka().then((count) => {
      const by = how.length > 0 ? `, ${how.join(', ')}` : '';
      tell(
        site.site,
        `Kafka ${brokers.join(', ')} answers (${count} ${count === 1 ? 'broker' : 'brokers'}${by})`,
      );
    });
    const registry = check.registry().then(() => tell(site.site, `Schema Registry ${registryUrl} answers`));
    const done = [kafka, registry, stored];
    void Promise.allSettled(done).then(() => check.close());
    return done;
  });
  const failed = (await Promise.allSettled(looks)).find((look) => look.status === 'rejected');
  if (failed) throw failed.reason;
}
