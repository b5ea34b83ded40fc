/**
 * An instance of the counting job in a process of its own, to be killed.
 * Arguments: the broker, how it counts, and for exactly once the moment and the count at which it kills itself, and its name.
 */
import { createKafka } from '../../src/runtime/kafka/index.ts';
import { streams } from '../../src/runtime/streams/index.ts';
import { counting } from './counting.ts';
import { dyingKafka, type Moment } from './dying-kafka.ts';

const [, , broker, how, moment, nth, instanceId] = process.argv;
const port = createKafka({ brokers: [broker!], clientId: 'instance' });
const kafka = moment ? dyingKafka(port, moment as Moment, Number(nth)) : port;
const app = streams(counting(how as 'by-key' | 'repartitioned'), {
  kafka,
  commitIntervalMs: 10,
  sessionTimeoutMs: 1000,
  ...(moment && { guarantee: 'exactly-once', transactionTimeoutMs: 1000 }),
  ...(instanceId && { instanceId }),
});
await app.start();
const timer = setInterval(() => {
  const done = app.info().tasks.reduce((sum, { processed }) => sum + processed, 0);
  process.send?.(done);
}, 5);
process.on('disconnect', () => process.exit());
await app.ended.finally(() => clearInterval(timer));
