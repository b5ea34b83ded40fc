import type { Clock } from '../../shared/clock.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Service } from '../../shared/service.ts';
import { FaultRules } from './faults/rules.ts';
import { handlers } from './handlers/index.ts';
import type { ListenerOptions, Surroundings } from './listener.ts';
import { Maintenance } from './maintenance.ts';
import { BrokerNode } from './node.ts';
import { NodeControl, type NodeInfo } from './node-control.ts';
import { BrokerState } from './state/broker-state.ts';
import { startFailed } from './storage/data-directory.ts';
import { type DirectoryLock, lockDirectory } from './storage/directory-lock.ts';
import { openDirectory } from './storage/file.ts';
import type { Damage } from './storage/health.ts';
import type { Directory } from './storage/interface.ts';
import { memoryDirectory } from './storage/memory.ts';
import { TrafficRates } from './traffic-rates.ts';

export type { ActiveFault, FaultAction, FaultRule } from './faults/rules.ts';
export type { ListenerOptions } from './listener.ts';
export type { NodeInfo } from './node-control.ts';

export interface BrokerOptions {
  /** Of the listeners that name no node; others make it several nodes in one process, with one copy of the data. */
  nodeId: number;
  /** Null keeps everything in memory. */
  dataDir: string | null;
  listeners: ListenerOptions[];
  /** `always` acknowledges only what is on disk; `never`, the default, what is in the page cache. */
  fsync?: 'never' | 'always';
  /** Broker configs by Kafka's names: `num.partitions`, `auto.create.topics.enable` … */
  config?: Record<string, string>;
  log: Logger;
  clock?: Clock;
}

export interface BrokerInfo {
  clusterId: string;
  nodes: NodeInfo[];
  connections: number;
  topics: number;
  partitions: number;
  groups: number;
  /** Of all logs. */
  bytes: number;
  recordsIn: number;
  bytesIn: number;
  recordsOut: number;
  bytesOut: number;
  /** Per second, over the time since the last question (at least one second). */
  recordsInPerSecond: number;
  bytesInPerSecond: number;
  recordsOutPerSecond: number;
  bytesOutPerSecond: number;
  /** Why nothing can be written at the moment, one line; null while all is well. */
  trouble: string | null;
  /** Damage found in logs since the start, and cut out: the first twenty, and how many there were. */
  damages: Damage[];
  damageCount: number;
}

export interface Broker extends Service<BrokerInfo> {
  /** The port of each listener of the first node, known once it has started. */
  readonly ports: Record<string, number>;
  /** Faults that its clients are to meet. */
  readonly faults: FaultRules;
  /** Stops and starts single nodes. */
  readonly nodes: NodeControl;
}

/** The embedded Kafka broker. Throws DDS_USAGE for a config that cannot be. */
export function createBroker(options: BrokerOptions): Broker {
  const { nodeId, dataDir, log, clock = systemClock } = options;
  let state: BrokerState | null = null;
  let nodes: BrokerNode[] = [];
  let maintenance: Maintenance | null = null;
  let isLoaded = false;
  let lock: DirectoryLock | null = null;
  let stopping: Promise<void> | null = null;
  const rates = new TrafficRates(clock);
  const faults = new FaultRules(
    handlers.map(({ api }) => api),
    (topicId) => state?.topics.byId(topicId)?.name,
  );
  const control = new NodeControl(
    () => nodes,
    () => state,
  );

  function openRoot(): Directory {
    if (dataDir === null) return memoryDirectory();
    try {
      return openDirectory(dataDir);
    } catch (error) {
      throw startFailed({ path: dataDir }, error);
    }
  }

  async function start(signal: AbortSignal): Promise<void> {
    const root = openRoot();
    const { fsync = 'never', config = {} } = options;
    const nodeOf = (listener: ListenerOptions) => listener.nodeId ?? nodeId;
    const nodeIds = options.listeners.map(nodeOf);
    const opened = new BrokerState({ nodeIds, root, fsync, configs: config, clock, log });
    state = opened;
    const peersOf = (listener: string) => nodes.flatMap((node) => node.endpoints(listener));
    const surroundings: Surroundings = { broker: opened, faults, log, peersOf };
    nodes = opened.nodes.ids.map((id) => {
      const listeners = options.listeners.filter((listener) => nodeOf(listener) === id);
      return new BrokerNode(id, listeners, surroundings);
    });
    // The ports first, so that a second broker learns of them; then the lock, before a log is touched.
    for (const node of nodes) {
      await node.bind();
      if (!signal.aborted && !stopping) continue;
      // A stop that came while we bound has found nothing to close.
      await Promise.all(nodes.map((each) => each.close()));
      return;
    }
    try {
      if (dataDir !== null) lock = lockDirectory(dataDir);
      opened.load();
    } catch (error) {
      throw startFailed(root, error);
    }
    isLoaded = true;
    maintenance = new Maintenance(opened);
    maintenance.start();
    for (const node of nodes) node.open();
    log.info({ nodes: opened.nodes.ids, ports: ports() }, 'broker ready');
  }

  async function stop(): Promise<void> {
    await control.settled();
    const closed = nodes.map((node) => node.close());
    await maintenance?.stop();
    await Promise.all(closed);
    if (isLoaded) state?.close();
    isLoaded = false;
    lock?.[Symbol.dispose]();
    if (state) log.info({ nodes: state.nodes.ids }, 'broker stopped');
  }

  const ports = () => Object.fromEntries((nodes[0]?.listeners ?? []).map(({ name, port }) => [name, port]));

  return {
    name: `broker-${nodeId}`,
    start,
    stop() {
      stopping ??= stop();
      return stopping;
    },
    get ports() {
      return ports();
    },
    faults,
    nodes: control,
    info() {
      const topics = state?.topics.all() ?? [];
      const logs = topics.flatMap(({ partitions }) => partitions);
      const traffic = state?.traffic ?? { recordsIn: 0, bytesIn: 0, recordsOut: 0, bytesOut: 0 };
      return {
        clusterId: state?.clusterId ?? '',
        nodes: control.list(),
        connections: nodes.reduce((sum, node) => sum + node.connections, 0),
        topics: topics.length,
        partitions: logs.length,
        groups: state ? state.groups.all().length + state.groups.consumers.all().length : 0,
        bytes: logs.reduce((sum, { log: { bytes } }) => sum + bytes, 0),
        ...traffic,
        ...rates.sample(traffic),
        trouble: state?.health.trouble ?? null,
        damages: state?.health.damages ?? [],
        damageCount: state?.health.damageCount ?? 0,
      };
    },
  };
}
