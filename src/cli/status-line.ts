import type { ServiceStatus, StackStatus } from '../runtime/stack/types.ts';
import { bytesText } from '../shared/quantities.ts';

/** What `dds status --watch --json` prints each time. */
export interface StatusSample {
  time: string;
  stack: string;
  state: StackStatus['state'];
  /** Over all sites; null when no site tells. */
  recordsInPerSecond: number | null;
  recordsOutPerSecond: number | null;
  /** Records that relays and sinks have still to do. */
  relayLagRecords: number;
  sinkLagRecords: number;
  rssBytes: number;
  /** Services that are not ready, with their state. */
  notReady: { service: string; state: ServiceStatus['state'] }[];
}

type Json = Record<string, unknown> | null | undefined;

export function statusSample({ stack, state, services }: StackStatus, now: number): StatusSample {
  const infos = (kind: ServiceStatus['kind']) =>
    services.filter((one) => one.kind === kind).map(({ info }) => info as Json);
  const brokers = infos('site').map((info) => info?.broker as Json);
  const rate = (name: string) => {
    const rates = brokers.map((broker) => broker?.[name]).filter((value) => typeof value === 'number');
    return rates.length === 0 ? null : Math.round(sum(rates));
  };
  const sources = infos('relay').flatMap((info) => (info?.sources as Json[] | undefined) ?? []);
  const lag = (values: Json[]) => sum(values.map((one) => Number(one?.lagRecords ?? 0)));
  return {
    ...{ time: new Date(now).toISOString(), stack, state },
    recordsInPerSecond: rate('recordsInPerSecond'),
    recordsOutPerSecond: rate('recordsOutPerSecond'),
    relayLagRecords: lag(sources),
    sinkLagRecords: lag(infos('sink')),
    rssBytes: sum(services.map(({ rssBytes }) => rssBytes ?? 0)),
    notReady: services
      .filter((one) => one.state !== 'ready')
      .map(({ service, state }) => ({ service, state })),
  };
}

/** `21:04:05  ready  in 1,200/s  out 2,400/s  relay lag 0  sink lag 12  310 MiB` */
export function statusLine(sample: StatusSample): string {
  const each = (rate: number | null) => (rate === null ? '–' : `${whole.format(rate)}/s`);
  const parts = [
    sample.time.slice(11, 19),
    sample.state,
    `in ${each(sample.recordsInPerSecond)}`,
    `out ${each(sample.recordsOutPerSecond)}`,
    `relay lag ${whole.format(sample.relayLagRecords)}`,
    `sink lag ${whole.format(sample.sinkLagRecords)}`,
    bytesText(sample.rssBytes),
    ...sample.notReady.map(({ service, state }) => `${service} ${state}`),
  ];
  return `${parts.join('  ')}\n`;
}

const whole = new Intl.NumberFormat('en-US');
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
