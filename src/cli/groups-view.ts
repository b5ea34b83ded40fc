import type { DescribeGroupsResult } from '../runtime/data/groups/describe-groups.ts';
import type { ListGroupsResult } from '../runtime/data/groups/list-groups.ts';
import type { GroupDetails } from '../runtime/data/groups/read-groups.ts';
import type { ResetGroupResult } from '../runtime/data/groups/reset-group.ts';
import { succeeded } from '../runtime/data/sites/outcomes.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

export function groupsTable({ sites }: ListGroupsResult, paint: Paint): string {
  const rows = succeeded(sites).flatMap(({ site, groups }) =>
    groups.map(({ group, state, members, lag, topics }) => [
      ...[site, group, state, String(members), String(lag), topics.join(', ') || '-'],
    ]),
  );
  if (rows.length === 0) return 'there are no consumer groups\n';
  const head = ['SITE', 'GROUP', 'STATE', 'MEMBERS', 'LAG', 'TOPICS'];
  return formatTable(head, rows, { paint, right: [3, 4] });
}

export function groupDetails({ sites }: DescribeGroupsResult, paint: Paint): string {
  return succeeded(sites)
    .flatMap(({ site, groups }) => groups.map((group) => oneGroup(site, group, paint)))
    .join('\n');
}

function oneGroup(site: string, group: GroupDetails, paint: Paint): string {
  const assignor = group.protocol && `, assigned by ${group.protocol}`;
  const title = `${paint('bold', group.group)} at ${site}: ${group.state}, lag ${group.lag}${assignor}\n`;
  const idle = group.members.filter(({ assignment }) => assignment.length === 0);
  const rows = [
    ...group.partitions.map(({ topic, partition, committed, end, lag, member }) => [
      ...[topic, String(partition), committed === null ? '-' : String(committed), String(end), String(lag)],
      member ? `${member.clientId} (${member.host})` : '-',
    ]),
    ...idle.map(({ clientId, host }) => ['-', '-', '-', '-', '-', `${clientId} (${host})`]),
  ];
  if (rows.length === 0) return `${title}  no positions and no members\n`;
  const head = ['TOPIC', 'PARTITION', 'COMMITTED', 'END', 'LAG', 'MEMBER'];
  return `${title}${formatTable(head, rows, { paint, right: [1, 2, 3, 4] }).replace(/^(?=.)/gm, '  ')}`;
}

export function resetLines({ group, dryRun, sites }: ResetGroupResult): string {
  return succeeded(sites)
    .map(({ site, partitions }) => {
      const lines = partitions.map(
        ({ topic, partition, before, after }) => `  ${topic}/${partition}: ${before ?? 'none'} → ${after}\n`,
      );
      return `${site}: ${group} ${dryRun ? 'would be reset' : 'reset'}\n${lines.join('')}`;
    })
    .join('');
}
