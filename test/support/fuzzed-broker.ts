/** A broker in a process of its own, to be fuzzed: tells its parent what it should not have met, and its memory. */
import { createBroker } from '../../src/runtime/broker/index.ts';
import { type Logger, silentLogger } from '../../src/shared/logger.ts';

const tell = (message: object) => void process.send?.(message);
const log: Logger = {
  ...silentLogger,
  error: (fields, message) => tell({ type: 'error', message, fields }),
  child: () => log,
};
const broker = createBroker({
  nodeId: 1,
  dataDir: null,
  listeners: [{ name: 'local', host: '127.0.0.1', port: 0 }],
  config: { 'socket.request.max.bytes': '1000000', 'group.max.session.timeout.ms': '2000' },
  log,
});
await broker.start(new AbortController().signal);
process.on('message', () => {
  (globalThis as { gc?: () => void }).gc?.();
  tell({ type: 'memory', bytes: process.memoryUsage().heapUsed + process.memoryUsage().external });
});
process.once('disconnect', () => process.exit());
tell({ type: 'ready', port: broker.ports.local });
