/** A broker in a process of its own, to be killed: prints its port, then serves. Arguments: the data directory, a port. */
import { createBroker } from '../../src/runtime/broker/index.ts';
import { silentLogger } from '../../src/shared/logger.ts';

const broker = createBroker({
  nodeId: 1,
  dataDir: process.argv[2]!,
  listeners: [{ name: 'local', host: '127.0.0.1', port: Number(process.argv[3] ?? 0) }],
  config: { 'log.segment.bytes': '200000' },
  log: silentLogger,
});
await broker.start(new AbortController().signal);
process.stdout.write(`${broker.ports.local}\n`);
