import { expect, test } from 'vitest';
import { SourceCounts } from '../../../../src/runtime/jobs/relay/partition-counts.ts';
import { SourcePartition } from '../../../../src/runtime/jobs/relay/source-partition.ts';
import { SourceTopics, type SourceTopicsOptions } from '../../../../src/runtime/jobs/relay/source-topics.ts';
import { systemClock } from '../../../../src/shared/clock.ts';
import { silentLogger } from '../../../../src/shared/logger.ts';
import { RelayLab } from '../../../support/relay-lab.ts';

test('a relay that stops does not wait for what is under way before a log that became shorter', async () => {
  await using lab = new RelayLab();
  const site = await lab.site('edge-1');
  await site.create('short', 1);
  const [{ name, id } = { name: '', id: '' }] = await site.kafka.admin().describeTopics(['short']);
  const stopping = new AbortController();
  const isWaiting = Promise.withResolvers<void>();
  const clock: typeof systemClock = {
    ...systemClock,
    sleep(ms, signal) {
      isWaiting.resolve();
      return systemClock.sleep(ms, signal);
    },
  };
  const topics = new SourceTopics({ source: site.kafka, clock, log: silentLogger } as SourceTopicsOptions);
  const topic = { name, id, target: name, copier: null as never, partitions: [] };
  const at = { position: 5, savedOffset: 5, highWatermark: 5 };
  const partition = new SourcePartition(topic, 0, at, new SourceCounts().of(name, 0));
  partition.tracker.add(6, 1);
  const moved = topics.backInRange(partition, stopping.signal);
  await isWaiting.promise;
  stopping.abort();
  await moved;
  expect(partition.tracker).toMatchObject({ position: 5, pending: 1 });
});
