import { succeeded } from '../runtime/data/sites/outcomes.ts';
import type { AlterTopicsResult, TopicChange } from '../runtime/data/topics/alter-topics.ts';
import type { DeleteTopicsResult } from '../runtime/data/topics/delete-topics.ts';
import type { DescribeTopicsResult, TopicDetails } from '../runtime/data/topics/describe-topics.ts';
import type { ListTopicsResult, TopicListing } from '../runtime/data/topics/list-topics.ts';
import type { PurgeTopicsResult } from '../runtime/data/topics/purge-topics.ts';
import { bytesText, durationText } from '../shared/quantities.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

const bytesOr = (bytes: number | null) => (bytes === null ? '?' : bytesText(bytes));
export const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`;

export function topicsTable({ sites }: ListTopicsResult, paint: Paint): string {
  const rows = succeeded(sites).flatMap(({ site, topics }) =>
    topics.map((topic) => [
      ...[site, topic.topic, String(topic.partitions), String(topic.records), bytesOr(topic.bytes)],
      ...[keptText(topic), topic.schemaId === null ? '-' : String(topic.schemaId)],
    ]),
  );
  if (rows.length === 0) return 'there are no topics\n';
  const head = ['SITE', 'TOPIC', 'PARTITIONS', 'RECORDS', 'BYTES', 'KEPT', 'SCHEMA'];
  return formatTable(head, rows, { paint, right: [2, 3, 4, 6] });
}

/** `7 d`, `compacted`, `for ever`, `1 h or 1 GiB`. */
function keptText({ cleanupPolicy, retentionMs, retentionBytes }: TopicListing): string {
  if (cleanupPolicy === 'compact') return 'compacted';
  const limits = [
    ...(retentionMs >= 0 ? [durationText(retentionMs)] : []),
    ...(retentionBytes >= 0 ? [bytesText(retentionBytes)] : []),
  ];
  const kept = limits.join(' or ') || 'for ever';
  return cleanupPolicy.includes('compact') ? `compacted, ${kept}` : kept;
}

export function topicDetails({ sites }: DescribeTopicsResult, paint: Paint): string {
  return succeeded(sites)
    .flatMap(({ site, topics }) => topics.map((topic) => oneTopic(site, topic, paint)))
    .join('\n');
}

function oneTopic(site: string, topic: TopicDetails, paint: Paint): string {
  const lines = [
    `${paint('bold', topic.topic)} at ${site}`,
    `  ${counted(topic.records, 'record')}, ${bytesOr(topic.bytes)}${topic.id ? `, id ${topic.id}` : ''}`,
    ...topic.schemas.map(
      ({ subject, version, id, type }) => `  schema ${subject} version ${version}, id ${id}, ${type}`,
    ),
    ...topic.configs.map(
      ({ name, value, source }) =>
        `  ${name}=${value ?? '(secret)'}${source === 'broker' ? ' (of the broker)' : ''}`,
    ),
    ...topic.groups.map(({ group, state, lag }) => `  read by ${group} (${state}), lag ${lag}`),
  ];
  const rows = topic.partitions.map(({ partition, leader, replicas, isr, start, end, bytes }) => [
    ...[String(partition), String(leader), replicas.join(','), isr.join(',')],
    ...[String(start), String(end), bytesOr(bytes)],
  ]);
  const head = ['PARTITION', 'LEADER', 'REPLICAS', 'IN SYNC', 'START', 'END', 'BYTES'];
  const table = formatTable(head, rows, { paint, right: [0, 1, 4, 5, 6] });
  return `${lines.join('\n')}\n${table.replace(/^(?=.)/gm, '  ')}`;
}

export function alterLines({ dryRun, sites }: AlterTopicsResult): string {
  const said = (change: TopicChange) => {
    const { partitions, configs } = change;
    const parts = [
      ...(partitions ? [`partitions ${partitions.from} → ${partitions.to}`] : []),
      ...configs.map(({ name, from, to }) => `${name} ${from ?? 'default'} → ${to ?? 'default'}`),
    ];
    return parts.join(', ') || 'nothing to change';
  };
  return succeeded(sites)
    .flatMap(({ site, topics }) =>
      topics.map((change) => `${site}: ${change.topic}: ${dryRun ? 'would change ' : ''}${said(change)}\n`),
    )
    .join('');
}

export function deleteLines({ dryRun, sites }: DeleteTopicsResult): string {
  return succeeded(sites)
    .flatMap(({ site, topics }) =>
      topics.map(
        ({ topic, partitions, records }) =>
          `${site}: ${topic} ${dryRun ? 'would be deleted' : 'deleted'}, ${counted(partitions, 'partition')}, ${counted(records, 'record')}\n`,
      ),
    )
    .join('');
}

export function purgeLines({ dryRun, sites }: PurgeTopicsResult): string {
  return succeeded(sites)
    .map(({ site, records, partitions }) => {
      const ranges = partitions.map(
        ({ topic, partition, from, to }) => `  ${topic}/${partition}: start ${from} → ${to}\n`,
      );
      return `${site}: ${counted(records, 'record')} ${dryRun ? 'would be removed' : 'removed'}\n${ranges.join('')}`;
    })
    .join('');
}
