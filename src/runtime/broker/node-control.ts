import { DdsError } from '../../errors/index.ts';
import type { BrokerNode } from './node.ts';
import type { BrokerState } from './state/broker-state.ts';
import { startNode, stopNode } from './state/leader-changes.ts';

export interface NodeInfo {
  id: number;
  state: 'serving' | 'stopped';
  /** `host:port` of each listener. */
  listeners: Record<string, string>;
  connections: number;
  /** Partitions, those of internal topics too: that it leads, that it has a replica of, whose ISR it is in. */
  leads: number;
  replicas: number;
  inSync: number;
}

/** Stops and starts single nodes of a broker, one change after the other. */
export class NodeControl {
  readonly #nodes: () => readonly BrokerNode[];
  readonly #state: () => BrokerState | null;
  #changing: Promise<unknown> = Promise.resolve();

  constructor(nodes: () => readonly BrokerNode[], state: () => BrokerState | null) {
    this.#nodes = nodes;
    this.#state = state;
  }

  list(): NodeInfo[] {
    const state = this.#state();
    const logs = state?.topics.all().flatMap(({ partitions }) => partitions) ?? [];
    return this.#nodes().map(({ id, addresses, connections }) => ({
      id,
      state: state?.nodes.isUp(id) ? 'serving' : 'stopped',
      listeners: addresses,
      connections,
      leads: logs.filter(({ leadership }) => leadership.leader === id).length,
      replicas: logs.filter(({ leadership }) => leadership.replicas.includes(id)).length,
      inSync: logs.filter(({ leadership }) => leadership.isr.includes(id)).length,
    }));
  }

  /** Leaders move, then the listeners close. One that is stopped already stays so. Throws DDS_USAGE for a node that there is none of. */
  stop(ids: readonly number[]): Promise<NodeInfo[]> {
    return this.#change(ids, async (node, state) => {
      if (!state.nodes.isUp(node.id)) return;
      stopNode(state, node.id);
      await node.close();
      state.log.info({ nodeId: node.id }, 'node stopped');
    });
  }

  /** At the ports it had. One that serves already stays so. Throws DDS_USAGE, and DDS_PORT_TAKEN. */
  start(ids: readonly number[]): Promise<NodeInfo[]> {
    return this.#change(ids, async (node, state) => {
      if (state.nodes.isUp(node.id)) return;
      await node.bind();
      startNode(state, node.id);
      node.open();
      state.log.info({ nodeId: node.id }, 'node started');
    });
  }

  async #change(
    ids: readonly number[],
    change: (node: BrokerNode, state: BrokerState) => Promise<void>,
  ): Promise<NodeInfo[]> {
    const nodes = ids.map((id) => this.#find(id));
    const changed = this.#changing.then(async () => {
      const state = this.#state();
      if (state) for (const node of nodes) await change(node, state);
    });
    this.#changing = changed.catch(() => undefined);
    await changed;
    return this.list();
  }

  /** Resolves when no change is under way. */
  async settled(): Promise<void> {
    await this.#changing;
  }

  #find(id: number): BrokerNode {
    const nodes = this.#nodes();
    const found = nodes.find((node) => node.id === id);
    if (found) return found;
    const known = nodes.map((node) => node.id).join(', ');
    const are = nodes.length === 1 ? 'is only' : 'are';
    throw new DdsError('DDS_USAGE', `there is no node ${id}; there ${are} ${known}`, {
      hint: 'dds node list shows them.',
    });
  }
}
