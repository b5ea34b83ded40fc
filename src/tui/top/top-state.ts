import type { TopSnapshot } from '../../runtime/data/top/types.ts';
import { durationText } from '../../shared/quantities.ts';

/** As many looks the sparkline of a site shows. */
const keptRates = 30;

/** What was seen of a stack while it was watched. */
export class TopState {
  snapshot: TopSnapshot;
  /** Records a second that each site received, oldest first. */
  readonly trends = new Map<string, number[]>();
  readonly #began: string;
  readonly #counters = new Map<string, { pid: number | null; recordsIn: number; recordsOut: number }>();
  #recordsIn = 0;
  #recordsOut = 0;
  #crashes = 0;

  constructor(first: TopSnapshot) {
    this.snapshot = first;
    this.#began = first.time;
    this.add(first);
  }

  add(snapshot: TopSnapshot): void {
    const before = this.snapshot.time;
    this.snapshot = snapshot;
    this.#crashes += snapshot.events.filter(({ kind, time }) => kind === 'crashed' && time > before).length;
    for (const { site, pid, recordsIn, recordsOut, recordsInPerSecond } of snapshot.sites) {
      if (recordsInPerSecond !== null) {
        const trend = this.trends.get(site) ?? [];
        this.trends.set(site, [...trend, recordsInPerSecond].slice(-keptRates));
      }
      if (recordsIn === null || recordsOut === null) continue;
      const last = this.#counters.get(site);
      const from = last?.pid === pid ? last : { recordsIn: 0, recordsOut: 0 };
      // What was there when the watch began does not count; what another process has done since does.
      if (last) {
        this.#recordsIn += recordsIn - from.recordsIn;
        this.#recordsOut += recordsOut - from.recordsOut;
      }
      this.#counters.set(site, { pid, recordsIn, recordsOut });
    }
  }

  /** `default: ready; 1,200 records in and 2,400 out within 12 s, 1 crash`. */
  summary(): string {
    const { stack, state, time } = this.snapshot;
    const count = (value: number) => value.toLocaleString('en-US');
    const within = durationText(Date.parse(time) - Date.parse(this.#began));
    const crashes = this.#crashes === 1 ? '1 crash' : `${this.#crashes} crashes`;
    return `${stack}: ${state}; ${count(this.#recordsIn)} records in and ${count(this.#recordsOut)} out within ${within}${this.#crashes > 0 ? `, ${crashes}` : ''}`;
  }
}
