import type { DdsErrorBody } from '../../errors/index.ts';
import type { InjectedCounts } from './faults.ts';
import type { LatencyHistogram, LatencySummary } from './latency.ts';
import { type Pacer, punctualMs } from './pacer.ts';
import type { Schedule } from './schedule.ts';

export interface SiteCounts {
  sensors: number;
  sent: number;
  acked: number;
  failed: number;
}

/** What a simulation did; the JSON that `dds simulate --json` prints. */
export interface SimulationResult {
  /** Messages per second of the whole fleet asked for; null without a pace. */
  target: number | null;
  achieved: number;
  /** INVALID: the rate was not held, so that the latencies say nothing about the system under test. */
  verdict: 'VALID' | 'INVALID';
  reasons: string[];
  sent: number;
  acked: number;
  /** Sent and given up, or not acknowledged when the run was interrupted. */
  failed: number;
  /** Messages that went out late because `max_in_flight` were already under way. */
  overrun: number;
  /** Messages left out because they were late (`--catch-up drop`). */
  dropped: number;
  /** Messages that were due and not sent when the run ended. */
  unsent: number;
  /** From the first message to the last, without the drain. */
  duration_ms: number;
  /** Messages of the first so many ms are in the counts, but not in the latencies. */
  warmup_ms: number;
  /** What can be repeated with `--seed`; null for a replay. */
  seed: number | null;
  /** What went wrong on purpose, in messages; null without a fault. */
  injected: InjectedCounts | null;
  sensors: number;
  max_in_flight: number;
  interrupted: boolean;
  /** Latencies in µs. send_delay = sent − intended, service = ack − sent, response = ack − intended. */
  send_delay_us: LatencySummary;
  service_us: LatencySummary;
  response_us: LatencySummary;
  sites: Record<string, SiteCounts>;
  /** The first error of a failed message. */
  error: DdsErrorBody | null;
}

/** How a running simulation is doing. */
export interface SimulationProgress {
  elapsedMs: number;
  /** null without a pace. */
  target: number | null;
  /** Messages per second since the last report. */
  achieved: number;
  sent: number;
  acked: number;
  failed: number;
  behind: number;
  overrun: number;
  inFlight: number;
}

/** Share of the target that a valid run reaches. */
const leastShare = 0.99;

/** Messages per second sent. A run that ends before the next message is due was not faster than its pace. */
export function achievedRate(schedule: Schedule, pacer: Pacer): number {
  const rate = pacer.elapsedMs > 0 ? (pacer.sent / pacer.elapsedMs) * 1000 : 0;
  const capped = schedule.paced ? Math.min(rate || schedule.rate, schedule.rate) : rate;
  return Math.round(capped * 100) / 100;
}

/** Why the run is not valid; empty when it is. */
export function judge(schedule: Schedule, pacer: Pacer, sendDelay: LatencyHistogram): string[] {
  const reasons: string[] = [];
  if (!schedule.paced) return reasons;
  const achieved = achievedRate(schedule, pacer);
  if (pacer.sent < leastShare * schedule.dueBy(pacer.elapsedMs - punctualMs)) {
    reasons.push(`achieved ${achieved}/s of ${schedule.rate}/s, less than 99 %`);
  }
  // Of a few messages one alone would be the 99th percentile: a single hiccup does not spoil a short run.
  const p99Ms = sendDelay.percentileMs(sendDelay.count < 100 ? 100 - 200 / sendDelay.count : 99);
  if (sendDelay.count > 2 && p99Ms > punctualMs) {
    reasons.push(`99 % were sent within ${p99Ms.toFixed(1)} ms of their time, not ${punctualMs} ms`);
  }
  return reasons;
}
