import type { KafkaErrorName } from '../../protocol/index.ts';

/** An epoch of a leader, and the offset from which on batches carry it. */
export interface EpochStart {
  epoch: number;
  startOffset: number;
}

/** As it is kept in the catalogue of topics. */
export interface LeadershipRecord {
  replicas: readonly number[];
  leader: number;
  epoch: number;
  epochs: readonly EpochStart[];
}

const NO_LEADER = -1;
const NO_EPOCH = -1;

/**
 * Which node leads a partition, and in which epoch. There is one copy of the bytes, in this process: replicas and ISR say
 * which nodes may lead and which are there, as in a cluster with a copy each. Methods that change something tell whether
 * they did; `endOffset` is where the next batch goes.
 */
export class Leadership {
  /** The preferred leader first. */
  replicas: readonly number[];
  /** Never empty: the last one stays in it when it stops. */
  isr: readonly number[];
  /** -1 while no replica may lead. */
  leader: number;
  epoch = 0;
  /** Rising in both. */
  #epochs: EpochStart[] = [{ epoch: 0, startOffset: 0 }];

  /** At least one replica serves. */
  constructor(replicas: readonly number[], isUp: (node: number) => boolean) {
    this.replicas = replicas;
    this.isr = replicas.filter(isUp);
    this.leader = this.isr[0] ?? NO_LEADER;
  }

  /** After a start, when all nodes serve; of nodes that are there no more nothing is left. */
  static restored(record: LeadershipRecord, ids: readonly number[], endOffset: number): Leadership {
    const known = record.replicas.filter((id) => ids.includes(id));
    const leadership = new Leadership(known.length > 0 ? known : [ids[0]!], () => true);
    const preferred = leadership.leader;
    leadership.leader = record.leader;
    leadership.epoch = record.epoch;
    leadership.#epochs = record.epochs.filter(({ startOffset }) => startOffset <= endOffset);
    if (preferred !== record.leader) leadership.#lead(preferred, endOffset);
    return leadership;
  }

  get record(): LeadershipRecord {
    const { replicas, leader, epoch } = this;
    return { replicas, leader, epoch, epochs: this.#epochs };
  }

  /** Nothing has happened to it that a node alone has to remember. */
  isPlain(node: number): boolean {
    return this.epoch === 0 && this.replicas.length === 1 && this.replicas[0] === node;
  }

  /**
   * Why a node does not serve the partition: another one leads it, or the client knows another epoch (KIP-320); null when it
   * does. Readers may be served by any node of the ISR (KIP-392).
   */
  problemAt(node: number, clientEpoch = NO_EPOCH, by: 'leader' | 'isr' = 'leader'): KafkaErrorName | null {
    if (clientEpoch > this.epoch) return 'UNKNOWN_LEADER_EPOCH';
    if (clientEpoch !== NO_EPOCH && clientEpoch < this.epoch) return 'FENCED_LEADER_EPOCH';
    if (this.leader === node || (by === 'isr' && this.isr.includes(node))) return null;
    return 'NOT_LEADER_OR_FOLLOWER';
  }

  /** What a client that went to the wrong node is told (KIP-951). */
  get current(): { leaderId: number; leaderEpoch: number } {
    return { leaderId: this.leader, leaderEpoch: this.epoch };
  }

  #lead(node: number, endOffset: number): void {
    this.leader = node;
    this.epoch++;
    // LeaderEpochFileCache: an epoch without batches leaves no trace.
    while (this.#epochs.length > 0 && this.#epochs.at(-1)!.startOffset >= endOffset) this.#epochs.pop();
    this.#epochs.push({ epoch: this.epoch, startOffset: endOffset });
  }

  nodeStopped(node: number, endOffset: number): boolean {
    if (!this.replicas.includes(node)) return false;
    const left = this.isr.filter((id) => id !== node);
    if (left.length > 0) this.isr = left;
    if (this.leader === node)
      this.#lead(this.replicas.find((id) => left.includes(id)) ?? NO_LEADER, endOffset);
    return true;
  }

  nodeStarted(node: number, isUp: (node: number) => boolean, endOffset: number): boolean {
    if (!this.replicas.includes(node)) return false;
    if (this.leader === NO_LEADER && this.isr.includes(node)) this.#lead(node, endOffset);
    if (this.leader !== NO_LEADER) this.isr = this.replicas.filter(isUp);
    return true;
  }

  /** The preferred leader takes over, if it may and does not lead already. */
  electPreferred(
    endOffset: number,
    isUp: (node: number) => boolean,
  ): 'elected' | 'not needed' | 'not available' {
    const preferred = this.replicas[0]!;
    if (this.leader === preferred) return 'not needed';
    if (!isUp(preferred) || !this.isr.includes(preferred)) return 'not available';
    this.#lead(preferred, endOffset);
    return 'elected';
  }

  /** Without a leader any replica that serves takes over, in the ISR or not. */
  electUnclean(
    endOffset: number,
    isUp: (node: number) => boolean,
  ): 'elected' | 'not needed' | 'not available' {
    if (this.leader !== NO_LEADER) return 'not needed';
    const alive = this.replicas.filter(isUp);
    if (alive.length === 0) return 'not available';
    this.#lead(alive[0]!, endOffset);
    this.isr = alive;
    return 'elected';
  }

  /** At least one of the replicas serves. */
  reassign(replicas: readonly number[], endOffset: number, isUp: (node: number) => boolean): void {
    this.replicas = replicas;
    this.isr = replicas.filter(isUp);
    if (!this.isr.includes(this.leader)) this.#lead(this.isr[0]!, endOffset);
  }

  /** The epoch of the batch at an offset. */
  epochAt(offset: number): number {
    return this.#epochs.findLast(({ startOffset }) => startOffset <= offset)?.epoch ?? this.epoch;
  }

  /** Where an epoch ended (LeaderEpochFileCache.endOffsetFor); null for one that is not known. */
  endOf(epoch: number, endOffset: number): { epoch: number; endOffset: number } | null {
    if (epoch === this.epoch) return { epoch, endOffset };
    const next = this.#epochs.find((start) => start.epoch > epoch);
    if (epoch < 0 || !next) return null;
    const found = this.#epochs.findLast((start) => start.epoch <= epoch);
    return { epoch: found?.epoch ?? epoch, endOffset: next.startOffset };
  }
}
