import type { Workspace } from '../cli.ts';
import { json } from '../stack.ts';

export interface ReadingCount {
  rows: number;
  /** Rows that differ in sensor and time. */
  readings: number;
}

/** What is in `temperature_data` at each site, whatever its database; none where there is no such table yet. */
export async function countAt(space: Workspace, ...sites: string[]): Promise<ReadingCount[]> {
  const counts: ReadingCount[] = [];
  for (const site of sites) {
    const tables = await json<{ tables: { table: string }[] }>(space, ['query', 'tables', '--site', site]);
    if (!tables.tables.some(({ table }) => table === 'temperature_data')) {
      counts.push({ rows: 0, readings: 0 });
      continue;
    }
    const args = ['query', 'count', 'temperature_data', '--site', site, '--distinct', 'sensor_id,timestamp'];
    const [found] = (await json<{ sites: { rows: number; distinct: number }[] }>(space, args)).sites;
    counts.push({ rows: found!.rows, readings: found!.distinct });
  }
  return counts;
}
