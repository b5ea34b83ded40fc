import type { BrokerOptions } from '../../src/runtime/broker/index.ts';
import { createTopics, kafkaErrorName } from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from './broker.ts';
import { RawClient } from './raw-client.ts';

const host = '127.0.0.1';
const listener = (name: string, nodeId: number) => ({ name, nodeId, host, port: 0 });

export interface RunningNodes extends RunningBroker {
  /** `host:port` of each node. */
  readonly brokers: string[];
  readonly wanBrokers: string[];
  /** A connection to a node, at its local listener unless told otherwise; the caller disposes of it. */
  connect(node: number, listener?: 'local' | 'wan'): Promise<RawClient>;
}

/** A broker of three nodes with two listeners each, as an embedded site with `brokers: 3` has it. */
export async function startNodes(overrides: Partial<BrokerOptions> = {}): Promise<RunningNodes> {
  const running = await startBroker({
    listeners: [1, 2, 3].flatMap((node) => [listener('local', node), listener('wan', node)]),
    config: { 'default.replication.factor': '3', 'min.insync.replicas': '2' },
    ...overrides,
  });
  const at = (name: string) => running.broker.nodes.list().map(({ listeners }) => listeners[name]!);
  return {
    ...running,
    brokers: at('local'),
    wanBrokers: at('wan'),
    connect: (node, name = 'local') => RawClient.connect(Number(at(name)[node - 1]!.split(':')[1])),
  };
}

/** With as many replicas as the broker likes; leaders are nodes 1, 2, 3, 1 … for the first topic. */
export async function makeTopic(client: RawClient, name: string, numPartitions: number): Promise<void> {
  const topics = [{ name, numPartitions, replicationFactor: -1, assignments: [], configs: [] }];
  const answer = await client.ask(createTopics, 5, { topics, timeoutMs: 5000, validateOnly: false });
  const { errorCode } = answer.topics[0]!;
  if (errorCode !== 0) throw new Error(kafkaErrorName(errorCode));
}
