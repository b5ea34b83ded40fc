/** An instance of the counting job in a process of its own, to be killed. Arguments: the broker, how it counts. */
import { createKafka } from '../../src/runtime/kafka/index.ts';
import { streams } from '../../src/runtime/streams/index.ts';
import { counting } from './counting.ts';

const kafka = createKafka({ brokers: [process.argv[2]!], clientId: 'instance' });
const app = streams(counting(process.argv[3] as 'by-key' | 'repartitioned'), {
  kafka,
  commitIntervalMs: 10,
  sessionTimeoutMs: 1000,
});
await app.start();
const timer = setInterval(() => {
  const done = app.info().tasks.reduce((sum, { processed }) => sum + processed, 0);
  process.send?.(done);
}, 5);
process.on('disconnect', () => process.exit());
await app.ended.finally(() => clearInterval(timer));
