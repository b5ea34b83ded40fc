import type { BrokerState } from './broker-state.ts';
import type { PartitionLog } from './partition-log.ts';

/** Deletes what topics need not keep, and forgets producers that have gone. */
export function applyRetention({ topics, configs, clock, log: logger }: BrokerState): void {
  const nowMs = clock.now();
  const producersBefore = nowMs - configs.number('producer.id.expiration.ms');
  for (const { name, partitions } of topics.all()) {
    for (const log of partitions) {
      log.producers.expire(producersBefore);
      log.producers.aborted.forgetBefore(log.startOffset);
      const to = retainedFrom(log, nowMs);
      if (to <= log.startOffset) continue;
      logger.info(
        { topic: name, partition: log.partition, from: log.startOffset, to },
        'old segments deleted',
      );
      log.log.deleteBefore(to);
    }
  }
}

/** The first offset to keep, always the start of a segment. A segment's age is that of its youngest record, as in Kafka. */
function retainedFrom(log: PartitionLog, nowMs: number): number {
  const { settings } = log;
  const { segments, active } = log.log;
  const isOverdue = active.firstAppendMs !== null && nowMs - active.firstAppendMs > settings.segmentMs;
  const isExpired = (maxTimestamp: number) =>
    settings.retentionMs >= 0 && nowMs - maxTimestamp > settings.retentionMs;
  // A log that gets no more records would keep its last segment for ever.
  if (active.size > 0 && (isOverdue || (settings.deleteOld && isExpired(active.index.maxTimestamp))))
    log.roll();
  if (!settings.deleteOld) return log.startOffset;
  let excessBytes = settings.retentionBytes >= 0 ? log.log.bytes - settings.retentionBytes : 0;
  let from = log.startOffset;
  for (let at = 0; at < segments.length - 1; at++) {
    const { size, index } = segments[at]!;
    const isTooMuch = excessBytes >= size && size > 0;
    if (!isTooMuch && !isExpired(index.maxTimestamp)) break;
    excessBytes -= size;
    from = segments[at + 1]!.baseOffset;
  }
  return from;
}
