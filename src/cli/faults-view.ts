import type { ActiveFault } from '../runtime/broker/index.ts';
import type { FaultsResult } from '../runtime/data/faults/faults.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

export function faultsTable({ sites }: FaultsResult, paint: Paint): string {
  const rows = sites.flatMap(({ site, faults }) =>
    faults.map((fault) => [
      ...[site, String(fault.id), conditionText(fault), actionText(fault)],
      ...[String(fault.seen), String(fault.hits)],
    ]),
  );
  if (rows.length === 0) return 'there are no faults\n';
  const head = ['SITE', 'ID', 'REQUESTS', 'FAULT', 'SEEN', 'HITS'];
  return formatTable(head, rows, { paint, right: [1, 4, 5] });
}

/** `Produce of temperature-data/0 by app-*, the 3rd, 10 %, 5 times`. */
function conditionText(fault: ActiveFault): string {
  const { api, topic, partition, client, nth, probability, seed, times } = fault;
  const of = [topic ?? (partition === undefined ? undefined : '*'), partition].filter(
    (one) => one !== undefined,
  );
  return [
    [api ?? 'all', of.length > 0 && `of ${of.join('/')}`, client !== undefined && `by ${client}`]
      .filter(Boolean)
      .join(' '),
    nth !== undefined && `number ${nth}`,
    probability !== undefined && `${probability * 100} %${seed === undefined ? '' : ` (seed ${seed})`}`,
    times !== undefined && `${times} times`,
  ]
    .filter(Boolean)
    .join(', ');
}

function actionText({ action }: ActiveFault): string {
  if (action.kind === 'delay') return `delay ${action.ms} ms`;
  return action.kind === 'error' ? action.error : `drop the ${action.when}`;
}
