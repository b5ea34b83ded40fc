import { resolve } from 'node:path';
import type { TopologyFile } from './file-schema.ts';
import type { Report } from './problems.ts';
import type { FleetSpec, SiteSpec } from './types.ts';
import { isBuiltInRecord, readValueSchema } from './value-schemas.ts';

const temperatureTopic = 'temperature-data';

interface FleetScope {
  sites: readonly SiteSpec[];
  /** Names of the sites it sends to. */
  chosen: readonly string[];
  directory: string;
  report: Report;
}

/** One spec for each site that has sensors of the fleet; each has its share of the rate and draws of its own. */
export function normaliseFleet(
  name: string,
  fleet: NonNullable<TopologyFile['fleets']>[string],
  { sites, chosen, directory, report }: FleetScope,
): FleetSpec[] {
  const path = ['fleets', name];
  const topic = fleet?.topic ?? temperatureTopic;
  if (chosen.length === 0 && fleet?.sites === undefined) {
    report(path, `${name} needs "sites": there is no edge site`, 'key');
  }
  const without = chosen.find((site) => !hasTopic(sites, site, topic));
  if (without !== undefined) {
    const at = fleet?.topic === undefined ? path : [...path, 'topic'];
    report(at, `${without} has no topic "${topic}"; add it under topics`, fleet?.topic ? 'value' : 'key');
  }
  let schema: string | null = null;
  if (fleet?.schema !== undefined) {
    const read = readValueSchema(fleet.schema, directory);
    if ('problem' in read) report([...path, 'schema'], read.problem);
    schema = isBuiltInRecord(fleet.schema) ? fleet.schema : resolve(directory, fleet.schema);
  }
  const sensors = fleet?.sensors ?? 10;
  const rate = fleet?.rate === undefined ? sensors : messagesPerSecond(fleet.rate);
  const faults = Object.entries(fleet?.faults ?? {}).map(([fault, value]) => [fault, String(value)]);
  return chosen.flatMap((site, index) => {
    const own = Math.ceil((sensors - index) / chosen.length);
    if (own <= 0) return [];
    return {
      ...{ name, site, topic, schema, sensors: own },
      rate: (rate * own) / sensors,
      seed: (fleet?.seed ?? 1) + index,
      fields: fleet?.fields ?? {},
      faults: Object.fromEntries(faults) as Record<string, string>,
    };
  });
}

function hasTopic(sites: readonly SiteSpec[], site: string, topic: string): boolean {
  return sites.some(({ name, topics }) => name === site && topics.some((one) => one.name === topic));
}

const factors: Readonly<Record<string, number>> = { k: 1e3, m: 1e6 };
const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `10k`, `600k/m`: the schema has checked the form. */
function messagesPerSecond(rate: string | number): number {
  if (typeof rate === 'number') return rate;
  const [amount = '', per = 's'] = rate.toLowerCase().split('/');
  const factor = factors[amount.at(-1) ?? ''];
  return ((factor ? Number(amount.slice(0, -1)) * factor : Number(amount)) || 1) / seconds[per]!;
}
