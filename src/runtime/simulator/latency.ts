import { build, type Histogram } from 'hdr-histogram-js';

/** 1 µs to 1 h, three digits. */
const longestUs = 3_600_000_000;

/** Percentiles of a histogram, in µs. */
export interface LatencySummary {
  count: number;
  min: number;
  mean: number;
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
  /** Values below zero: the clocks of both ends differ. Counted as 0 in the percentiles. */
  skewed: number;
}

/** An HDR histogram of latencies. */
export class LatencyHistogram {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: longestUs,
    numberOfSignificantValueDigits: 3,
  });
  #minUs = longestUs;
  #skewed = 0;

  record(latencyMs: number): void {
    let us = Math.round(latencyMs * 1000);
    if (us < 0) {
      this.#skewed++;
      us = 0;
    } else if (us > longestUs) us = longestUs;
    if (us < this.#minUs) this.#minUs = us;
    this.#histogram.recordValue(us);
  }

  /** Adds another's values; percentiles are never averaged. */
  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
    this.#minUs = Math.min(this.#minUs, other.#minUs);
    this.#skewed += other.#skewed;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Latency in ms that this share of the values does not exceed. */
  percentileMs(percentile: number): number {
    return this.count === 0 ? 0 : this.#histogram.getValueAtPercentile(percentile) / 1000;
  }

  summary(): LatencySummary {
    const histogram = this.#histogram;
    const at = (percentile: number) => (this.count === 0 ? 0 : histogram.getValueAtPercentile(percentile));
    return {
      count: this.count,
      min: this.count === 0 ? 0 : this.#minUs,
      mean: this.count === 0 ? 0 : Math.round(histogram.mean * 10) / 10,
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: this.count === 0 ? 0 : histogram.maxValue,
      skewed: this.#skewed,
    };
  }
}
