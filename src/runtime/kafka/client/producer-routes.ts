import type { BrokerLink } from './broker-link.ts';
import type { Cluster } from './cluster.ts';
import type { PartitionQueue } from './partition-queue.ts';

/** One broker: a connection of our own and the requests under way on it. */
export interface ProducerLane {
  readonly link: BrokerLink;
  inFlight: number;
  isConnecting: boolean;
}

/** Between questions to a cluster that names no leader. */
const PAUSE_MS = 200;

/** The way of a producer's batches: connections to the brokers, and who leads what waits. */
export class ProducerRoutes {
  readonly #cluster: Cluster;
  readonly #busy: ReadonlySet<PartitionQueue>;
  readonly #onChange: () => void;
  readonly #lanes = new Map<number, ProducerLane>();
  #isRefreshing = false;
  #isClosed = false;

  /** `onChange`: it is time to try again. */
  constructor(cluster: Cluster, busy: ReadonlySet<PartitionQueue>, onChange: () => void) {
    this.#cluster = cluster;
    this.#busy = busy;
    this.#onChange = onChange;
  }

  laneTo(nodeId: number): ProducerLane {
    let lane = this.#lanes.get(nodeId);
    if (!lane) {
      lane = { link: this.#cluster.link(nodeId), inFlight: 0, isConnecting: false };
      this.#lanes.set(nodeId, lane);
    }
    return lane;
  }

  /** Opens the lane's connection; the link itself pauses between attempts. */
  connect(lane: ProducerLane): void {
    if (lane.isConnecting) return;
    lane.isConnecting = true;
    lane.link
      .connection()
      .catch(() => this.refresh())
      .finally(() => {
        lane.isConnecting = false;
        this.#onChange();
      });
  }

  /** Asks who leads the busy partitions, and tries again then. */
  refresh(): void {
    if (this.#isRefreshing || this.#isClosed) return;
    this.#isRefreshing = true;
    const topics = new Set([...this.#busy].map(({ topic }) => topic));
    this.#cluster
      .refresh(topics)
      .catch(() => undefined)
      .then(async () => {
        const isKnown = [...this.#busy].every(
          ({ topic, partition }) => this.#cluster.leader(topic, partition) >= 0,
        );
        if (!isKnown) await this.#cluster.clock.sleep(PAUSE_MS);
        this.#isRefreshing = false;
        this.#onChange();
      })
      .catch(() => undefined);
  }

  close(): void {
    this.#isClosed = true;
    for (const { link } of this.#lanes.values()) link.close();
  }
}
