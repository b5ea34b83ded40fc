import type { SimulationProgress, SimulationResult } from '../runtime/simulator/result.ts';
import type { Paint } from './streams.ts';

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const perSecond = (rate: number | null) => (rate === null ? 'max' : `${short.format(rate)}/s`);

/** The line that is shown while a simulation runs. */
export function progressLine(progress: SimulationProgress): string {
  const { elapsedMs, target, achieved, sent, behind, overrun, inFlight, failed } = progress;
  const parts = [
    `${(elapsedMs / 1000).toFixed(0)} s`,
    `target ${perSecond(target)}`,
    `achieved ${whole.format(achieved)}/s`,
    `sent ${whole.format(sent)}`,
    `behind ${whole.format(behind)}`,
    `overrun ${whole.format(overrun)}`,
    `in flight ${whole.format(inFlight)}`,
    `errors ${whole.format(failed)}`,
  ];
  return parts.join('  ');
}

/** The summary at the end. */
export function simulationSummary(result: SimulationResult, paint: Paint): string {
  const seconds = short.format(result.duration_ms / 1000);
  const verdict =
    result.verdict === 'VALID' ? paint('green', result.verdict) : paint('yellow', result.verdict);
  const sensors = `${whole.format(result.sensors)} ${result.sensors === 1 ? 'sensor' : 'sensors'}`;
  const lines = [
    `${sensors} for ${seconds} s: target ${perSecond(result.target)}, achieved ${perSecond(result.achieved)}, ${verdict}`,
    ...result.reasons.map((reason) => `  ${paint('yellow', reason)}`),
    '',
    ...table([
      ['site', 'sensors', 'sent', 'acked', 'failed'],
      ...Object.entries(result.sites).map(([site, counts]) => [
        site,
        ...[counts.sensors, counts.sent, counts.acked, counts.failed].map((count) => whole.format(count)),
      ]),
      [
        'all',
        ...[result.sensors, result.sent, result.acked, result.failed].map((count) => whole.format(count)),
      ],
    ]),
    '',
    ...table([
      ['latency, ms', 'p50', 'p90', 'p99', 'p99.9', 'max', 'mean'],
      ...(
        [
          ['send delay', result.send_delay_us],
          ['service', result.service_us],
          ['response', result.response_us],
        ] as const
      ).map(([name, { p50, p90, p99, p999, max, mean }]) => [
        name,
        ...[p50, p90, p99, p999, max, mean].map((us) => (us / 1000).toFixed(2)),
      ]),
    ]),
    '',
    counts(result),
  ];
  return `${lines.join('\n')}\n`;
}

function counts(result: SimulationResult): string {
  const { overrun, dropped, unsent, max_in_flight: maxInFlight, seed } = result;
  const skewed = result.service_us.skewed + result.response_us.skewed + result.send_delay_us.skewed;
  const parts = [`overrun ${whole.format(overrun)} (at most ${whole.format(maxInFlight)} in flight)`];
  if (dropped > 0) parts.push(`dropped ${whole.format(dropped)}`);
  if (unsent > 0) parts.push(`not sent ${whole.format(unsent)}`);
  if (skewed > 0) parts.push(`clock skew ${whole.format(skewed)}`);
  if (seed !== null) parts.push(`seed ${seed}`);
  const text = parts.join(', ');
  return result.injected ? `${text}\ninjected: ${injected(result.injected)}` : text;
}

/** `late 12, out of order 3`. */
function injected(counts: NonNullable<SimulationResult['injected']>): string {
  return Object.entries(counts)
    .map(([fault, count]) => `${fault.replaceAll('_', ' ')} ${whole.format(count)}`)
    .join(', ');
}

/** The first column to the left, numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  );
}
