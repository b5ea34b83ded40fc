import { Registry } from 'prom-client';
import { it } from 'vitest';
import { StreamsJob } from '../../../../src/runtime/jobs/host/streams-job.ts';
import { createKafka } from '../../../../src/runtime/kafka/index.ts';
import { silentLogger } from '../../../../src/shared/logger.ts';
import { startBroker } from '../../../support/broker.ts';
import { counting } from '../../../support/counting.ts';
import { eventually } from '../../../support/lab.ts';

it.each(['exactly-once', 'at-least-once'] as const)(
  'stops while it waits for a coordinator that is away, %s',
  async (guarantee) => {
    await using running = await startBroker();
    const kafka = createKafka({ brokers: running.brokers, clientId: 'test' });
    await kafka.admin().createTopics(['words', 'counted'].map((name) => ({ name, partitions: 1 })));
    await kafka.close();
    const { faults } = running.broker;
    faults.add({ api: 'FindCoordinator', action: { kind: 'error', error: 'COORDINATOR_NOT_AVAILABLE' } });
    const job = new StreamsJob({
      ...{ name: 'counting', site: 'edge-1', topology: counting('by-key'), streams: { guarantee } },
      kafka: { brokers: running.brokers, clientId: 'job' },
      ...{ metrics: new Registry(), log: silentLogger },
    });
    const stopping = new AbortController();
    const starting = job.start(stopping.signal);
    await eventually('a question for the coordinator', () => faults.list().some(({ hits }) => hits > 1));
    stopping.abort();
    await starting;
    await job.stop();
    // Nobody goes on asking.
    await eventually('no connection', () => running.broker.info().connections === 0);
  },
);
