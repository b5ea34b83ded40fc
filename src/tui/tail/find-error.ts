import type { ListedRecords } from './listed-records.ts';
import type { RecordList } from './record-list.ts';

const sliceMs = 8;

/**
 * The next record in a direction that cannot be decoded, going on at the other end; null when none of those that are kept
 * is one. Records are decoded for it, a slice at a time, so that keys are answered meanwhile.
 */
export async function findError(
  list: RecordList,
  records: ListedRecords,
  step: 1 | -1,
  signal: AbortSignal,
): Promise<number | null> {
  const start = list.chosen;
  if (start === null) return null;
  let sliceFrom = performance.now();
  let sequence: number = start;
  let hasWrapped = false;
  for (;;) {
    let next = list.next(sequence, step);
    if (next === null) {
      if (hasWrapped) return null;
      hasWrapped = true;
      next = list.end(step === 1 ? 'oldest' : 'newest');
    }
    if (next === null || signal.aborted) return null;
    if (await records.isError(next)) return next;
    if (next === start) return null;
    sequence = next;
    if (performance.now() - sliceFrom > sliceMs) {
      await new Promise(setImmediate);
      sliceFrom = performance.now();
    }
  }
}
