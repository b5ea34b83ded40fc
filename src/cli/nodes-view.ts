import type { NodesResult } from '../runtime/data/nodes/nodes.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

export function nodesTable({ sites }: NodesResult, paint: Paint): string {
  const rows = sites.flatMap(({ site, nodes }) =>
    nodes.map(({ id, state, listeners, connections, leads, inSync, replicas }) => [
      ...[site, String(id), state === 'serving' ? state : paint('yellow', state)],
      ...[listeners.local ?? '', listeners.wan ?? ''],
      ...[String(leads), `${inSync}/${replicas}`, String(connections)],
    ]),
  );
  if (rows.length === 0) return 'no site has an embedded broker\n';
  const head = ['SITE', 'NODE', 'STATE', 'KAFKA', 'KAFKA (WAN)', 'LEADS', 'IN SYNC', 'CONNECTIONS'];
  return formatTable(head, rows, { paint, right: [1, 5, 6, 7] });
}
