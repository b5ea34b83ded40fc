import type { LiveTail } from '../../runtime/data/tail/live/live-tail.ts';
import { historySeconds } from '../../runtime/data/tail/live/second-counts.ts';
import type { GroupLag, TopicCounts } from '../../runtime/data/tail/live/topic-counts.ts';
import { singleLine } from '../../shared/printable.ts';
import { bytesText } from '../../shared/quantities.ts';
import type { Canvas } from '../run-view.tsx';
import { condense, sparkline } from '../sparkline.ts';
import { type Column, columnWidths, headRow, tableRow } from '../table.ts';
import { textWidth, toWidth } from '../text.ts';

const columns: readonly Column[] = [
  { title: 'site', max: 16 },
  { title: 'topic', max: 40 },
  { title: 'part', align: 'right' },
  { title: 'records', align: 'right', min: 9 },
  { title: 'rate', align: 'right', min: 8 },
  { title: 'bytes/s', align: 'right', min: 9, dropOrder: 2 },
  { title: 'last 60 s', min: 10, max: historySeconds, grow: true },
  { title: 'lag', max: 32, dropOrder: 1 },
];
const [siteColumn, rateColumn, historyColumn, lagColumn] = [0, 4, 6, 7];

export const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
export const perSecond = (rate: number): string =>
  rate > 0 && rate < 1 ? '<1/s' : `${whole.format(rate)}/s`;

/** What is read and how fast, over all sites. */
export function titleRow(live: LiveTail, { columns: width, theme }: Canvas): string {
  const now = live.clock.monotonic();
  const sum = (of: (counts: TopicCounts) => number) => live.counts.reduce((total, one) => total + of(one), 0);
  const topics = new Set(live.counts.map(({ topic }) => topic)).size;
  const left = `dds tail  ${live.stack} · ${plural(live.sites.length, 'site')} · ${plural(topics, 'topic')}`;
  const rate = perSecond(sum((one) => one.recordsPerSecond.rate(now)));
  const right = `${whole.format(live.records)} records  ${rate}  ${bytesText(sum((one) => one.bytesPerSecond.rate(now)))}/s`;
  const space = width - textWidth(right) - 2;
  return theme.paint('title', `${toWidth(singleLine(left), space)}  ${right}`);
}

/** A row for each site and topic, under their titles; `height` rows at most. */
export function headerRows(
  live: LiveTail,
  { columns: width, theme }: Canvas,
  height: number,
  isHidden: (counts: TopicCounts) => boolean,
): string[] {
  const now = live.clock.monotonic();
  const silent = live.sites.filter(({ site }) => !live.counts.some((counts) => counts.site === site));
  const lines = [
    ...live.counts.map((counts) => ({ counts, site: counts.site })),
    ...silent.map(({ site }) => ({ counts: null, site })),
  ];
  const room = lines.length <= height - 1 ? lines.length : Math.max(0, height - 2);
  // Where not all have room, those in which nothing happens are left out first.
  const busy = lines.filter(({ counts }) => counts === null || counts.records > 0).slice(0, room);
  const idle = lines.filter((line) => !busy.includes(line)).slice(0, room - busy.length);
  const shown = lines.filter((line) => busy.includes(line) || idle.includes(line));
  const cells = shown.map(({ counts, site }) => {
    if (counts === null)
      return [singleLine(site), live.isWaiting(site) ? 'no answer' : 'no topics', '', '', '', '', '', ''];
    const { topic, partitions, records, recordsPerSecond, bytesPerSecond, backlog, groups } = counts;
    const rate = live.isWaiting(site)
      ? 'away'
      : backlog > 0
        ? 'reading'
        : perSecond(recordsPerSecond.rate(now));
    return [
      singleLine(site),
      singleLine(topic),
      String(partitions.size),
      whole.format(records),
      rate,
      `${bytesText(bytesPerSecond.rate(now))}/s`,
      '',
      lagText(groups),
    ];
  });
  const widths = columnWidths(columns, cells, width);
  const rows = cells.map((row, at) => {
    const { counts, site } = shown[at]!;
    if (counts) {
      const history = condense(counts.recordsPerSecond.history(now), widths[historyColumn]!);
      row[historyColumn] = sparkline(history, history.length);
    }
    const line = tableRow(row, columns, widths, (cell, column) => {
      if (column === siteColumn) return theme.site(site, cell);
      if (column === historyColumn) return theme.paint('accent', cell);
      if (column === rateColumn && live.isWaiting(site)) return theme.paint('bad', cell);
      if (column === lagColumn && counts?.groups?.some(({ lag }) => lag > 0))
        return theme.paint('warning', cell);
      return cell;
    });
    return counts && isHidden(counts) ? theme.paint('muted', tableRow(row, columns, widths)) : line;
  });
  const more = lines.length - shown.length;
  return [
    theme.paint('muted', headRow(columns, widths)),
    ...rows,
    ...(more > 0 ? [theme.paint('muted', `and ${more} more`)] : []),
  ];
}

function lagText(groups: readonly GroupLag[] | null): string {
  const [most, ...others] = groups ?? [];
  if (!most) return '';
  return `${singleLine(most.group)} ${whole.format(most.lag)}${others.length > 0 ? ` +${others.length}` : ''}`;
}

export const plural = (count: number, noun: string): string =>
  `${whole.format(count)} ${noun}${count === 1 ? '' : 's'}`;
