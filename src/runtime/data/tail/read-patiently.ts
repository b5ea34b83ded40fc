import { DdsError } from '../../../errors/index.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { Patience } from '../patience.ts';
import type { ShownRecord } from './format.ts';
import type { TailOutput } from './output.ts';
import type { RecordReader, RecordSource } from './records.ts';

const retryMs = 500;

/** Waits for a registry that does not answer; null when the command ends before it does. */
export async function readPatiently(
  first: Promise<ShownRecord>,
  reader: RecordReader,
  cursor: RecordSource,
  { clock, signal, output }: { clock: Clock; signal: AbortSignal; output?: Pick<TailOutput, 'flush'> },
  registry: Patience,
): Promise<ShownRecord | null> {
  let reading: ShownRecord | Promise<ShownRecord> = first;
  for (;;) {
    try {
      const record = await reading;
      registry.back();
      return record;
    } catch (thrown) {
      if (signal.aborted) return null;
      await output?.flush();
      registry.gone(DdsError.from(thrown));
      await clock.sleep(retryMs, signal);
      if (signal.aborted) return null;
      reading = reader.read(cursor);
    }
  }
}
