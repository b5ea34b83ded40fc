import { plainKey, timeFormatter } from '../../runtime/data/tail/format.ts';
import type { LiveTail } from '../../runtime/data/tail/live/live-tail.ts';
import { singleLine } from '../../shared/printable.ts';
import type { Canvas } from '../run-view.tsx';
import { type Column, columnWidths, headRow, tableRow } from '../table.ts';
import type { ListedRecord } from './listed-records.ts';

const columns: readonly Column[] = [
  { title: 'time' },
  { title: 'site', max: 12 },
  { title: 'topic/partition@offset', min: 16, max: 44 },
  { title: 'hop', align: 'right', min: 6 },
  { title: 'key', min: 8, max: 24 },
  { title: 'value', min: 8, grow: true },
];
const timeOfDay = '08:00:00.000';
const [timeColumn, siteColumn, hopColumn, keyColumn, valueColumn] = [0, 1, 3, 4, 5];
/** On a narrow screen the value needs the room more than these. */
const narrow = columns.map((column, at) => {
  if (at === 2) return { ...column, title: 'topic', min: 8, max: 22 };
  return at === keyColumn ? { ...column, max: 12 } : column;
});

/** The records of the list, under their titles. The chosen one is marked when the list stands still. */
export function listRows(
  live: LiveTail,
  listed: readonly (ListedRecord | null)[],
  chosen: number,
  { columns: width, theme }: Canvas,
): string[] {
  const clock = timeFormatter(() => live.clock.now());
  const used = width < 110 ? narrow : columns;
  const cells = listed.map((one) => (one ? cellsOf(live, one, clock) : []));
  // The date is in the detail too.
  if (used === narrow)
    for (const row of cells) row[timeColumn] = row[timeColumn]?.slice(-timeOfDay.length) ?? '';
  const widths = columnWidths(used, cells, width);
  const rows = cells.map((row, at) => {
    const one = listed[at];
    if (!one) return theme.paint('muted', 'no longer kept');
    const { site } = one.partition.tail.place;
    const isError = one.record !== null && one.record.valueJson === null;
    if (at === chosen) return theme.paint('selected', tableRow(row, used, widths));
    return tableRow(row, used, widths, (cell, column) => {
      if (column === timeColumn) return theme.paint('muted', cell);
      if (column === siteColumn) return theme.site(site, cell);
      if (column === hopColumn) return theme.paint('accent', cell);
      if (column === keyColumn) return theme.paint('key', cell);
      return column === valueColumn && isError ? theme.paint('bad', cell) : cell;
    });
  });
  return [theme.paint('muted', headRow(used, widths)), ...rows];
}

function cellsOf(
  live: LiveTail,
  { partition, record, offset, timestamp }: ListedRecord,
  clock: (ms: number) => string,
): string[] {
  const { site, topic, partition: number } = partition.tail.place;
  const place = [clock(timestamp), singleLine(site), singleLine(`${topic}/${number}@${offset}`)];
  if (record === null) return [...place, '', '', 'waiting for its schema'];
  return [...place, hopText(live.hops.of(record, partition)), keyText(record), valueText(record)].map(
    singleLine,
  );
}

/** `12 ms`, `1.2 s`, `3 min`; empty when nothing is known. */
export function hopText(ms: number): string {
  if (Number.isNaN(ms)) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

export function keyText({ key, keyJson }: NonNullable<ListedRecord['record']>): string {
  return keyJson === null ? `0x${key!.toString('hex')}` : plainKey(keyJson);
}

function valueText({ valueJson, error }: NonNullable<ListedRecord['record']>): string {
  return valueJson ?? `✗ cannot be decoded: ${error}`;
}
