import { DdsError } from '../../errors/index.ts';
import { Random } from '../../shared/random.ts';
import { decimal, parseDuration } from './quantities.ts';

/** What goes wrong on purpose; shares are from 0 to 1. docs/simulate.md defines each. */
export interface FaultOptions {
  late?: { share: number; byMs: number };
  offline?: { share: number; forMs: number };
  duplicate?: number;
  drop?: number;
  outOfOrder?: number;
  anomaly?: number;
}

/** How many messages each fault met: what a checker subtracts. */
export interface InjectedCounts {
  /** Sent with a time that lies back. */
  late: number;
  /** Sent a second time; the first is not counted. */
  duplicated: number;
  /** Due and not sent. */
  dropped: number;
  /** Sent after the next message of their sensor. */
  out_of_order: number;
  /** Not sent because their sensor was offline. */
  offline: number;
  anomalies: number;
}

/** What happens to one message. */
export interface Fate {
  lost: 'drop' | 'offline' | null;
  lateMs: number;
  duplicate: boolean;
  outOfOrder: boolean;
  anomaly: boolean;
}

/** Decides over each message from the seed and the message's number alone, however the run goes. */
export class Faults {
  readonly injected: InjectedCounts = {
    late: 0,
    duplicated: 0,
    dropped: 0,
    out_of_order: 0,
    offline: 0,
    anomalies: 0,
  };
  readonly #options: FaultOptions;
  readonly #seed: number;

  constructor(options: FaultOptions, seed: number) {
    this.#options = options;
    this.#seed = seed;
  }

  /** Counts what befalls the message, but for what is not known before it is sent: duplicates and order. */
  fateOf(i: number, sensor: number, elapsedMs: number): Fate {
    const { drop = 0, duplicate = 0, outOfOrder = 0, anomaly = 0, late } = this.#options;
    const draws = new Random(this.#seed, i, 4);
    const happens = (share: number) => draws.uniform(0, 1) < share;
    const offline = this.#isOffline(sensor, elapsedMs);
    const dropped = happens(drop);
    const fate: Fate = {
      lost: offline ? 'offline' : dropped ? 'drop' : null,
      lateMs: happens(late?.share ?? 0) ? late!.byMs : 0,
      duplicate: happens(duplicate),
      outOfOrder: happens(outOfOrder),
      anomaly: happens(anomaly),
    };
    if (fate.lost === 'offline') this.injected.offline++;
    else if (fate.lost === 'drop') this.injected.dropped++;
    else {
      if (fate.lateMs > 0) this.injected.late++;
      if (fate.anomaly) this.injected.anomalies++;
    }
    return fate;
  }

  /** Time is cut into windows of that length, from a point that differs by sensor; some of them are silent. */
  #isOffline(sensor: number, elapsedMs: number): boolean {
    const { offline } = this.#options;
    if (!offline) return false;
    const phase = new Random(this.#seed, sensor, 5).uniform(0, 1);
    const window = Math.floor(elapsedMs / offline.forMs + phase);
    return new Random(this.#seed, sensor, 6, window).uniform(0, 1) < offline.share;
  }
}

/** `5%`, `0.1%` or `0.05`. Throws DDS_USAGE. */
export function parseShare(text: string, flag: string): number {
  const match = /^(.*?)(%?)$/.exec(text.trim())!;
  const value = decimal(match[1]!);
  const share = value === null ? Number.NaN : match[2] ? value / 100 : value;
  if (!(share >= 0 && share <= 1)) {
    throw new DdsError('DDS_USAGE', `${flag} ${text} is not allowed: give a share such as 5% or 0.05`);
  }
  return share;
}

/** `5%:30s`. Throws DDS_USAGE. */
export function parseShareAndTime(text: string, flag: string): { share: number; ms: number } {
  const [share = '', time, ...more] = text.split(':');
  if (time === undefined || more.length > 0) {
    throw new DdsError('DDS_USAGE', `${flag} ${text} is not allowed: give a share and a time such as 5%:30s`);
  }
  return { share: parseShare(share, flag), ms: parseDuration(time, flag) };
}

export interface FaultFlags {
  late?: string | undefined;
  duplicate?: string | undefined;
  drop?: string | undefined;
  'out-of-order'?: string | undefined;
  offline?: string | undefined;
  anomaly?: string | undefined;
}

/** undefined without any fault. Throws DDS_USAGE. */
export function parseFaults(flags: FaultFlags, prefix = '--'): FaultOptions | undefined {
  const options: FaultOptions = {};
  if (flags.late !== undefined) {
    const { share, ms } = parseShareAndTime(flags.late, `${prefix}late`);
    options.late = { share, byMs: ms };
  }
  if (flags.offline !== undefined) {
    const { share, ms } = parseShareAndTime(flags.offline, `${prefix}offline`);
    options.offline = { share, forMs: ms };
  }
  if (flags.duplicate !== undefined) options.duplicate = parseShare(flags.duplicate, `${prefix}duplicate`);
  if (flags.drop !== undefined) options.drop = parseShare(flags.drop, `${prefix}drop`);
  if (flags['out-of-order'] !== undefined)
    options.outOfOrder = parseShare(flags['out-of-order'], `${prefix}out-of-order`);
  if (flags.anomaly !== undefined) options.anomaly = parseShare(flags.anomaly, `${prefix}anomaly`);
  return Object.keys(options).length > 0 ? options : undefined;
}
