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
  /** Exact, where the histogram rounds to three digits. */
  #minUs = longestUs;
  #maxUs = 0;
  #skewed = 0;

  record(latencyMs: number): void {
    let us = Math.round(latencyMs * 1000);
    if (us < 0) {
      this.#skewed++;
      us = 0;
    } else if (us > longestUs) us = longestUs;
    if (us < this.#minUs) this.#minUs = us;
    if (us > this.#maxUs) this.#maxUs = us;
    this.#histogram.recordValue(us);
  }

  /** Adds another's values; percentiles are never averaged. */
  add(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
    this.#minUs = Math.min(this.#minUs, other.#minUs);
    this.#maxUs = Math.max(this.#maxUs, other.#maxUs);
    this.#skewed += other.#skewed;
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** Latency in ms that this share of the values does not exceed. */
  percentileMs(percentile: number): number {
    return this.#percentileUs(percentile) / 1000;
  }

  /** The histogram answers with the upper end of a range of values, which may lie above the largest. */
  #percentileUs(percentile: number): number {
    return this.count === 0 ? 0 : Math.min(this.#histogram.getValueAtPercentile(percentile), this.#maxUs);
  }

  summary(): LatencySummary {
    const empty = this.count === 0;
    return {
      count: this.count,
      min: empty ? 0 : this.#minUs,
      mean: empty ? 0 : Math.round(this.#histogram.mean * 10) / 10,
      p50: this.#percentileUs(50),
      p90: this.#percentileUs(90),
      p99: this.#percentileUs(99),
      p999: this.#percentileUs(99.9),
      max: this.#maxUs,
      skewed: this.#skewed,
    };
  }
}
