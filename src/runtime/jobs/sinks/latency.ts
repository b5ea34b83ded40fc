import { build, type Histogram } from 'hdr-histogram-js';
import type { LatencySummary } from './sink-types.ts';

const longestMicros = 3_600_000_000;

/** End-to-end latency of committed rows, in an HDR histogram of 1 µs to 1 h with three digits. */
export class LatencyHistogram {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestMicros,
    numberOfSignificantValueDigits: 3,
    bitBucketSize: 32,
  });
  #negative = 0;

  /** Records rows that were intended at these times and committed at `nowMicros`, µs since the epoch. */
  record(intendedMicros: Float64Array, count: number, nowMicros: number): void {
    for (let i = 0; i < count; i++) {
      const micros = nowMicros - intendedMicros[i]!;
      if (micros < 0) this.#negative++;
      else this.#histogram.recordValue(micros < longestMicros ? Math.round(micros) : longestMicros);
    }
  }

  reset(): void {
    this.#histogram.reset();
    this.#negative = 0;
  }

  summary(): LatencySummary {
    const histogram = this.#histogram;
    const count = histogram.totalCount;
    const ms = (micros: number) => (count === 0 ? 0 : Math.round(micros) / 1000);
    return {
      count: count + this.#negative,
      p50Ms: ms(histogram.getValueAtPercentile(50)),
      p99Ms: ms(histogram.getValueAtPercentile(99)),
      maxMs: ms(histogram.maxValue),
      meanMs: ms(histogram.mean),
      negative: this.#negative,
    };
  }
}
