import type { BrokerOptions } from '../../src/runtime/broker/index.ts';
import { createTopics, kafkaErrorName } from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from './broker.ts';
import { RawClient } from './raw-client.ts';

export interface ServedTopic extends RunningBroker {
  readonly client: RawClient;
}

/** A broker, a connection to it, and a topic `t`, unless the broker's data directory has one already. */
export async function servedTopic(
  options: Partial<BrokerOptions> = {},
  numPartitions = 1,
): Promise<ServedTopic> {
  const running = await startBroker(options);
  const client = await RawClient.connect(running.broker.ports.local!);
  const topics = [{ name: 't', numPartitions, replicationFactor: 1 }];
  const { errorCode } = (await client.ask(createTopics, 7, { topics })).topics[0]!;
  const error = kafkaErrorName(errorCode);
  if (error !== 'NONE' && error !== 'TOPIC_ALREADY_EXISTS') throw new Error(`topic t: ${error}`);
  return {
    ...running,
    client,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}
