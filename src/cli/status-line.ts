import type { TopSnapshot, TopState } from '../runtime/data/top/types.ts';
import { bytesText } from '../shared/quantities.ts';

/** What `dds status --watch --json` prints each time. */
export interface StatusSample {
  time: string;
  stack: string;
  state: TopSnapshot['state'];
  /** Over all sites; null when no site tells. */
  recordsInPerSecond: number | null;
  recordsOutPerSecond: number | null;
  /** Records that relays and sinks have still to do. */
  relayLagRecords: number;
  sinkLagRecords: number;
  rssBytes: number;
  /** Services that are not ready, or not well, with their state. */
  notReady: { service: string; state: TopState }[];
}

export function statusSample(snapshot: TopSnapshot): StatusSample {
  const { time, stack, state, totals, sites, links, jobs } = snapshot;
  const lag = (behind: readonly { lagRecords: number | null }[]) =>
    behind.reduce((sum, { lagRecords }) => sum + (lagRecords ?? 0), 0);
  return {
    ...{ time, stack, state },
    recordsInPerSecond: roundOr(totals.recordsInPerSecond),
    recordsOutPerSecond: roundOr(totals.recordsOutPerSecond),
    relayLagRecords: lag(links),
    sinkLagRecords: lag(jobs.filter(({ kind }) => kind === 'sink')),
    rssBytes: totals.rssBytes,
    notReady: [...sites, ...jobs]
      .filter((one) => one.state !== 'ready')
      .map(({ service, state }) => ({ service, state })),
  };
}

/** `21:04:05  ready  in 1,200/s  out 2,400/s  relay lag 0  sink lag 12  310 MiB` */
export function statusLine(snapshot: TopSnapshot): string {
  const sample = statusSample(snapshot);
  const each = (rate: number | null) => (rate === null ? '–' : `${whole.format(rate)}/s`);
  const parts =
    snapshot.problem === null
      ? [
          `in ${each(sample.recordsInPerSecond)}`,
          `out ${each(sample.recordsOutPerSecond)}`,
          `relay lag ${whole.format(sample.relayLagRecords)}`,
          `sink lag ${whole.format(sample.sinkLagRecords)}`,
          bytesText(sample.rssBytes),
          ...sample.notReady.map(({ service, state }) => `${service} ${state}`),
        ]
      : [snapshot.problem];
  return `${[sample.time.slice(11, 19), sample.state, ...parts].join('  ')}\n`;
}

const whole = new Intl.NumberFormat('en-US');
const roundOr = (value: number | null) => (value === null ? null : Math.round(value));
