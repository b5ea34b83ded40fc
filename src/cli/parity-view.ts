import type { ExplainedDifference, ParityResult } from '../runtime/data/parity/parity.ts';
import { singleLine } from '../shared/printable.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

const widest = 48;

/** The differences that nothing explains, or all, and how many there were. */
export function parityText(result: ParityResult, showsAll: boolean, paint: Paint): string {
  const { embedded, other, requests, differences, unexplained } = result;
  const shown = differences.filter(({ reason }) => showsAll || reason === null);
  const head = ['OPERATION', 'API', 'FIELD', embedded.toUpperCase(), other.toUpperCase(), 'REASON'];
  const table = shown.length === 0 ? '' : `${formatTable(head, shown.map(cells), { paint })}\n`;
  const accepted = differences.length - unexplained;
  return `${table}${requests} requests to ${embedded} and ${other}: ${accepted} differences accepted, ${unexplained} unexplained\n`;
}

const cells = (difference: ExplainedDifference): string[] => [
  difference.operation,
  `${difference.api} ${versionsText(difference.versions)}`,
  difference.field,
  valueText(difference.embedded),
  valueText(difference.other),
  difference.reason ?? 'UNEXPLAINED',
];

/** `0–4`, `3`, `0, 2–4`. */
export function versionsText(versions: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const version of versions) {
    const last = ranges.at(-1);
    if (last && version <= last[1] + 1) last[1] = version;
    else ranges.push([version, version]);
  }
  return ranges.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

function valueText(value: unknown): string {
  const text = singleLine(typeof value === 'string' ? value : JSON.stringify(value));
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}
