import type { RegisteredResult } from '../runtime/data/registered.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

/** One table per kind that was asked for. */
export function registrationTables(
  { devices, sensors, sensorTypes }: RegisteredResult,
  paint: Paint,
): string {
  const tables: string[] = [];
  const add = (title: string, head: string[], rows: string[][] | undefined) => {
    if (!rows) return;
    const body = rows.length === 0 ? `no ${title} are registered\n` : formatTable(head, rows, { paint });
    tables.push(body);
  };
  add(
    'devices',
    ['DEVICE', 'NAME', 'LOCATION', 'DESCRIPTION', 'SITES'],
    devices?.map((one) => [one.id, one.name, one.location, one.description, one.sites.join(', ')]),
  );
  add(
    'sensors',
    ['SENSOR', 'NAME', 'DEVICE', 'TYPE', 'DESCRIPTION', 'SITES'],
    sensors?.map((one) => [
      ...[one.id, one.name, one.deviceId, one.sensorTypeId],
      ...[one.description, one.sites.join(', ')],
    ]),
  );
  add(
    'sensor types',
    ['SENSOR TYPE', 'NAME', 'UNIT', 'DESCRIPTION', 'SITES'],
    sensorTypes?.map((one) => [one.id, one.name, one.unit, one.description, one.sites.join(', ')]),
  );
  return tables.join('\n');
}
