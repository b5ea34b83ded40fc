import { DdsError } from '../../../errors/index.ts';
import { kafkaAt } from '../../../shared/access.ts';
import type { Clock } from '../../../shared/clock.ts';
import { createKafka, type Kafka } from '../../kafka/index.ts';
import type { SiteEndpoints } from '../../stack/types.ts';
import { type GroupSummary, summarise } from '../groups/list-groups.ts';
import { readGroups } from '../groups/read-groups.ts';
import type { TopSnapshot } from './types.ts';

/** A site is asked again this long after its last answer: seven requests, of which some hold up its broker. */
const pauseMs = 2000;
/** A site that hangs is not waited for. */
const patience = { connectTimeoutMs: 2000, requestTimeoutMs: 3000 };

interface Watched {
  brokers: string;
  kafka: Kafka;
  asking: Promise<void> | null;
  askedAtMs: number;
  groups: GroupSummary[];
  problem: string | null;
}

/** The consumer groups of sites, asked for over connections that stay open; what is heard last can be read at any time. */
export class GroupWatch implements Disposable {
  readonly #clock: Clock;
  readonly #sites = new Map<string, Watched>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Asks these sites anew where it is time, and forgets all others. Resolves when each has answered or failed. */
  async ask(sites: readonly SiteEndpoints[]): Promise<void> {
    for (const [site, { kafka, brokers }] of this.#sites) {
      if (sites.some((one) => one.site === site && one.brokers.join() === brokers)) continue;
      this.#sites.delete(site);
      void kafka.close();
    }
    await Promise.all(sites.map((site) => this.#askOne(this.#watched(site))));
  }

  read(): Pick<TopSnapshot, 'groups' | 'groupProblems'> {
    const sites = [...this.#sites];
    return {
      groups: sites.flatMap(([site, { groups }]) => groups.map((group) => ({ site, ...group }))),
      groupProblems: sites.flatMap(([site, { problem }]) =>
        problem === null ? [] : [{ site, message: problem }],
      ),
    };
  }

  [Symbol.dispose](): void {
    void this.ask([]);
  }

  #watched(endpoints: SiteEndpoints): Watched {
    const { site, brokers } = endpoints;
    const known = this.#sites.get(site);
    if (known) return known;
    const kafka = createKafka({ ...kafkaAt(endpoints, 'dds-top'), ...patience }, { clock: this.#clock });
    const watched = { brokers: brokers.join(), kafka, asking: null, groups: [], problem: null };
    const added = { ...watched, askedAtMs: Number.NEGATIVE_INFINITY };
    this.#sites.set(site, added);
    return added;
  }

  #askOne(watched: Watched): Promise<void> {
    if (watched.asking !== null) return watched.asking;
    if (this.#clock.monotonic() - watched.askedAtMs < pauseMs) return Promise.resolve();
    watched.asking = readGroups(watched.kafka.admin())
      .then(
        (groups) => {
          watched.groups = groups.map(summarise);
          watched.problem = null;
        },
        (error: unknown) => {
          watched.problem = DdsError.from(error).message;
        },
      )
      .finally(() => {
        watched.askedAtMs = this.#clock.monotonic();
        watched.asking = null;
      });
    return watched.asking;
  }
}
