import { type Broker, type BrokerOptions, createBroker } from '../../src/runtime/broker/index.ts';
import { silentLogger } from '../../src/shared/logger.ts';

export interface RunningBroker extends AsyncDisposable {
  readonly broker: Broker;
  /** For clients: the first listener. */
  readonly brokers: string[];
}

/** A broker on a free port of 127.0.0.1, in memory unless told otherwise; `await using` stops it. */
export async function startBroker(overrides: Partial<BrokerOptions> = {}): Promise<RunningBroker> {
  const broker = createBroker({
    nodeId: 1,
    dataDir: null,
    listeners: [{ name: 'local', host: '127.0.0.1', port: 0 }],
    log: silentLogger,
    ...overrides,
  });
  try {
    await broker.start(new AbortController().signal);
  } catch (error) {
    await broker.stop();
    throw error;
  }
  const first = Object.values(broker.ports)[0];
  return { broker, brokers: [`127.0.0.1:${first}`], [Symbol.asyncDispose]: () => broker.stop() };
}
