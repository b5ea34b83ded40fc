import { fetch, type ResponseOf } from '../../protocol/index.ts';
import type { FetcherOptions } from '../port.ts';
import type { Asked, Assignment } from './assignments.ts';
import type { BrokerLink } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import { unreachable } from './errors.ts';
import { fetchRequest } from './fetch-request.ts';

export type FetchAnswer = ResponseOf<typeof fetch>;

interface Answered {
  asked: Map<string, Asked>;
  response: FetchAnswer;
}

/** One broker: a connection of our own, at most one request under way and one answer kept. */
interface Lane {
  readonly link: BrokerLink;
  isBusy: boolean;
  answer: Answered | null;
  failure: Error | null;
}

export interface LaneHooks {
  /** There is an answer, or a broker has shown that it is away. */
  onNews(): void;
  onConnected(): void;
  /** A broker could not be asked: somebody else may lead its partitions by now. */
  onLost(): void;
}

/** A broker that is so late with an answer shows as unreachable; the request itself may still be answered. */
const OVERDUE_MS = 4000;
/** Topic ids begin with 13; until then topics go by name. */
const LAST_VERSION_BY_NAME = 12;

/** The way of a fetcher to the brokers that lead its partitions. */
export class FetchLanes {
  readonly #cluster: Cluster;
  readonly #options: Required<FetcherOptions>;
  readonly #hooks: LaneHooks;
  readonly #lanes = new Map<number, Lane>();
  #isClosed = false;

  constructor(cluster: Cluster, options: Required<FetcherOptions>, hooks: LaneHooks) {
    this.#cluster = cluster;
    this.#options = options;
    this.#hooks = hooks;
  }

  /** Why a broker does not answer; null when all do. */
  get unreachable(): Error | null {
    for (const lane of this.#lanes.values()) if (lane.failure) return lane.failure;
    return null;
  }

  /** Lets go of the connections to brokers that lead nothing any more. */
  keep(leaders: ReadonlySet<number>): void {
    for (const [nodeId, lane] of this.#lanes) {
      if (leaders.has(nodeId) || lane.isBusy) continue;
      lane.link.close();
      this.#lanes.delete(nodeId);
    }
  }

  /** Asks a broker for these partitions, unless a request is under way to it, or its last answer was not taken yet. */
  ask(nodeId: number, assignments: Assignment[]): void {
    const lane = this.#laneTo(nodeId);
    if (!lane.isBusy && !lane.answer) this.#request(lane, assignments);
  }

  /** Takes what the brokers have answered since the last time. */
  *answers(): Generator<Answered> {
    for (const lane of this.#lanes.values()) {
      const { answer } = lane;
      lane.answer = null;
      if (answer) yield answer;
    }
  }

  #laneTo(nodeId: number): Lane {
    let lane = this.#lanes.get(nodeId);
    if (!lane) {
      lane = { link: this.#cluster.link(nodeId), isBusy: false, answer: null, failure: null };
      this.#lanes.set(nodeId, lane);
    }
    return lane;
  }

  #request(lane: Lane, assignments: Assignment[]): void {
    lane.isBusy = true;
    const { maxWaitMs } = this.#options;
    const { onConnected, onLost, onNews } = this.#hooks;
    const { asked, body } = fetchRequest(assignments, this.#options);
    const overdue = setTimeout(() => {
      lane.failure ??= unreachable(lane.link.name, `no answer for ${OVERDUE_MS / 1000} s`);
      onNews();
    }, maxWaitMs + OVERDUE_MS);
    lane.link
      .connection()
      .then((connection) => {
        lane.failure = null;
        onConnected();
        return connection.request(fetch, body, {
          ...{ maxVersion: LAST_VERSION_BY_NAME, extraTimeoutMs: maxWaitMs },
        });
      })
      .then(
        (response) => {
          lane.failure = null;
          lane.answer = { asked, response };
        },
        (error: Error) => {
          if (this.#isClosed) return;
          lane.failure = error;
          onLost();
        },
      )
      .finally(() => {
        clearTimeout(overdue);
        lane.isBusy = false;
        onNews();
      });
  }

  close(): void {
    this.#isClosed = true;
    for (const { link } of this.#lanes.values()) link.close();
  }
}
