import type { TopProcess, TopSnapshot } from '../../runtime/data/top/types.ts';
import { singleLine } from '../../shared/printable.ts';
import { bytesText, durationText } from '../../shared/quantities.ts';
import { sparkline } from '../sparkline.ts';
import type { Column } from '../table.ts';
import { roleOf, type Section, type SectionRow } from './section.ts';

const trendWidth = 30;

/** The sections of a snapshot. `trends` has what each site received a second, oldest first. */
export function sectionsOf(snapshot: TopSnapshot, trends: ReadonlyMap<string, number[]>): Section[] {
  return [sites(snapshot, trends), links(snapshot), jobs(snapshot), groups(snapshot), events(snapshot)];
}

const name = (title: string): Column => ({ title, min: 8, max: 28 });
const state: Column = { title: 'STATE', min: 8, max: 12 };
const figure = (title: string, min: number, dropOrder?: number): Column => ({
  ...{ title, align: 'right', min: Math.max(min, title.length) },
  ...(dropOrder !== undefined && { dropOrder }),
});
/** Shown where there is room; the selected row's is shown in any case. */
const trouble: Column = { title: '', min: 12, grow: true, dropOrder: 20 };

function sites({ sites }: TopSnapshot, trends: ReadonlyMap<string, number[]>): Section {
  const columns = [
    ...[name('SITE'), state, figure('IN', 8), figure('BYTES IN', 9, 2), figure('OUT', 8, 1)],
    ...[figure('BYTES OUT', 9, 3), figure('LOG', 8, 4), figure('DATABASE', 8, 5)],
    ...[figure('MEMORY', 8, 6), figure('CPU', 6, 7), figure('RESTARTS', 8, 8)],
    { title: `IN, LAST ${trendWidth}`, min: trendWidth, dropOrder: 9 },
    trouble,
  ];
  const rows = sites.map(
    (site): SectionRow => ({
      ...{ key: site.site, site: site.site, service: site.service },
      ...{ role: roleOf(site.state), detail: processDetail(site) },
      cells: [
        ...[singleLine(site.site), site.state],
        ...[rate(site.recordsInPerSecond), byteRate(site.bytesInPerSecond)],
        ...[rate(site.recordsOutPerSecond), byteRate(site.bytesOutPerSecond)],
        ...[bytes(site.logBytes), bytes(site.storeBytes)],
        ...[bytes(site.rssBytes), percent(site.cpuPercent), String(site.restarts)],
        ...[sparkline(trends.get(site.site) ?? [], trendWidth), singleLine(site.trouble ?? '')],
      ],
    }),
  );
  return { name: 'sites', columns, stateColumn: 1, siteColumn: 0, rows };
}

function links({ links }: TopSnapshot): Section {
  const columns = [
    ...[name('LINK'), { ...state, min: 11 }, figure('RECORDS', 8), figure('BYTES', 9, 3)],
    ...[figure('LAG', 9), figure('BEHIND', 8), trouble],
  ];
  const rows = links.map((link): SectionRow => {
    const ends = `${singleLine(link.source)} → ${singleLine(link.target)}`;
    return {
      ...{ key: `${link.service} ${link.source}`, site: link.source, service: link.service },
      ...{ role: roleOf(link.state), detail: `${ends} by ${link.service}${said(link.trouble)}` },
      cells: [
        ...[ends, link.state, rate(link.recordsPerSecond), byteRate(link.bytesPerSecond)],
        ...[count(link.lagRecords), seconds(link.lagSeconds), singleLine(link.trouble ?? '')],
      ],
    };
  });
  return { name: 'links', columns, stateColumn: 1, siteColumn: 0, rows };
}

function jobs({ jobs }: TopSnapshot): Section {
  const columns = [
    ...[name('JOB'), state, figure('RECORDS', 8), figure('LAG', 9), figure('BEHIND', 8, 4)],
    ...[figure('RESTARTS', 8, 1), figure('MEMORY', 8, 2), figure('CPU', 6, 3), figure('UP', 7, 5), trouble],
  ];
  const rows = jobs.map(
    (job): SectionRow => ({
      ...{ key: job.service, site: job.site, service: job.service },
      ...{ role: roleOf(job.state), detail: processDetail(job) },
      cells: [
        ...[singleLine(job.service), job.state, rate(job.recordsPerSecond), count(job.lagRecords)],
        ...[seconds(job.lagSeconds), String(job.restarts), bytes(job.rssBytes), percent(job.cpuPercent)],
        ...[job.uptimeMs === null ? '–' : durationText(job.uptimeMs), singleLine(job.trouble ?? '')],
      ],
    }),
  );
  return { name: 'jobs', columns, stateColumn: 1, siteColumn: 0, rows };
}

function groups({ groups, groupProblems }: TopSnapshot): Section {
  const columns = [
    ...[
      { ...name('GROUP'), min: 9 },
      { title: 'STATE', min: 8, max: 20 },
      { title: 'SITE', min: 7, max: 16 },
    ],
    ...[figure('MEMBERS', 7), figure('LAG', 9), { title: 'TOPICS', min: 8, grow: true }],
  ];
  const rows = groups.map(({ site, group, state, members, lag, topics }): SectionRow => {
    const read = singleLine(topics.join(', '));
    return {
      ...{ key: `${site} ${group}`, site, service: null, role: roleOf(state) },
      detail: `${singleLine(group)} at ${site} reads ${read || 'nothing'}`,
      cells: [singleLine(group), state, singleLine(site), count(members), count(lag), read],
    };
  });
  const unknown = groupProblems.map(({ site, message }): SectionRow => {
    const text = singleLine(message);
    return {
      ...{
        key: site,
        site,
        service: null,
        role: 'bad',
        detail: `the groups of ${site} are not known: ${text}`,
      },
      cells: ['–', 'unknown', singleLine(site), '–', '–', text],
    };
  });
  return { name: 'groups', columns, stateColumn: 1, siteColumn: 2, rows: [...rows, ...unknown] };
}

function events({ events }: TopSnapshot): Section {
  const columns = [
    ...[{ title: 'EVENT', min: 9 }, { title: '', min: 9 }, name('')],
    { title: '', min: 10, grow: true },
  ];
  const rows = events.toReversed().map(({ id, time, service, kind, message }): SectionRow => {
    const text = message === kind ? '' : singleLine(message);
    return {
      ...{ key: `${id} ${time}`, site: service.split('/')[0]!, service, role: roleOf(kind) },
      detail: `${time} ${service} ${kind}${text && `: ${text}`}`,
      cells: [time.slice(11, 19), kind, singleLine(service), text],
    };
  });
  return { name: 'events', columns, stateColumn: 1, siteColumn: 2, rows };
}

const processDetail = ({ service, pid, uptimeMs, restarts, trouble }: TopProcess): string =>
  [
    service,
    pid === null ? 'no process' : `process ${pid}`,
    ...(uptimeMs === null ? [] : [`up ${durationText(uptimeMs)}`]),
    `${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`,
  ].join(', ') + said(trouble);

const said = (trouble: string | null) => (trouble === null ? '' : `: ${singleLine(trouble)}`);

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const orDash = (write: (value: number) => string) => (value: number | null) =>
  value === null ? '–' : write(value);

export const count = orDash((value) => whole.format(value));
export const rate = orDash((value) => `${whole.format(value)}/s`);
export const byteRate = orDash((value) => `${bytesText(Math.round(value))}/s`);
export const percent = orDash((value) => `${whole.format(value)} %`);
const bytes = orDash(bytesText);
const seconds = orDash((value) => (value < 10 ? `${value.toFixed(1)} s` : durationText(value * 1000)));
