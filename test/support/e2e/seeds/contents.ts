import { createKafka } from '../../../../src/runtime/kafka/index.ts';
import { AvroDecoder, createRegistryClient } from '../../../../src/runtime/serde/index.ts';
import type { SiteEndpoints } from '../../../../src/runtime/stack/types.ts';
import { readAll } from '../../relay-lab.ts';
import { eventsTopic, readingsTopic, type SeedLab } from './seed-lab.ts';
import { type Event, type Reading, sensorsOf } from './sequential-model.ts';

/** Lines by sensor, in the order in which they are there. */
export type Lines = Record<string, string[]>;

const readingLine = (timestamp: unknown, temperature: unknown) => `${timestamp} ${temperature}`;
const eventLine = ({ phase, timestamp, max, average, lastedMs }: Omit<Event, 'sensor'>) =>
  `${phase} ${timestamp} max ${max} average ${average.toFixed(6)} lasted ${lastedMs}`;

function collect(lines: Iterable<readonly [sensor: string, line: string]>): Lines {
  const found: Lines = {};
  for (const [sensor, line] of lines) {
    found[sensor] ??= [];
    found[sensor].push(line);
  }
  return found;
}

export const linesOfReadings = (readings: readonly Reading[]): Lines =>
  collect(readings.map((one) => [one.sensor_id, readingLine(one.timestamp, one.temperature)]));
export const linesOfEvents = (events: readonly Event[]): Lines =>
  collect(events.map((event) => [event.sensor, eventLine(event)]));
export const countOf = (lines: Lines) => Object.values(lines).reduce((sum, { length }) => sum + length, 0);

const ofSeed = (seed: number, column: string) => `where ${column} like '${sensorsOf(seed)}%'`;

/** What a site's store has of a seed. It knows no order but that of time. */
export async function storedReadings(lab: SeedLab, site: string, seed: number): Promise<Lines> {
  const sql = `select sensor_id, "timestamp"::bigint, temperature from temperature_data ${ofSeed(seed, 'sensor_id')} order by 2`;
  return collect(
    (await lab.rows(site, sql)).map(([sensor, time, temperature]) => [
      ...([String(sensor), readingLine(time, temperature)] as const),
    ]),
  );
}

export async function storedEvents(lab: SeedLab, seed: number): Promise<Lines> {
  const sql = `select _key, phase, "timestamp"::bigint, max_transgression, average_transgression, exceeded_for_ms
    from temperature_threshold_events ${ofSeed(seed, '_key')} order by 3, 2 desc`;
  return collect(
    (await lab.rows('central', sql)).map(([sensor, phase, timestamp, max, average, lasted]) => [
      String(sensor),
      eventLine({
        ...{ phase: phase as Event['phase'], timestamp: Number(timestamp), max: Number(max) },
        ...{ average: Number(average), lastedMs: Number(lasted) },
      }),
    ]),
  );
}

/** What readers of what is committed see of a seed in the topics of a site. */
export async function topicsOf(
  site: SiteEndpoints,
  seed: number,
): Promise<{ readings: Lines; events: Lines }> {
  const kafka = createKafka({ brokers: site.brokers, clientId: 'seeds' });
  const decoder = new AvroDecoder(createRegistryClient(site.registryUrl));
  const read = async (topic: string, line: (value: Record<string, unknown>) => string) => {
    const lines: (readonly [string, string])[] = [];
    for (const { key, value } of await readAll(kafka, topic)) {
      const sensor = String(key);
      if (!sensor.startsWith(sensorsOf(seed))) continue;
      const decoded = await decoder.decode(value);
      if (decoded.error !== null) throw new Error(`${topic}: ${decoded.error}`);
      lines.push([sensor, line(decoded.value as Record<string, unknown>)]);
    }
    return collect(lines);
  };
  try {
    return {
      readings: await read(readingsTopic, ({ timestamp, temperature }) =>
        readingLine(timestamp, temperature),
      ),
      events: await read(eventsTopic, (value) =>
        eventLine({
          ...{ phase: value.phase as Event['phase'], timestamp: Number(value.timestamp) },
          ...{ max: Number(value.max_transgression), average: Number(value.average_transgression) },
          lastedMs: Number(value.exceeded_for_ms),
        }),
      ),
    };
  } finally {
    await kafka.close();
  }
}

/** What is lost, doubled, wrong or out of order, in words; nothing when both are the same. */
export function differences(where: string, found: Lines, expected: Lines): string[] {
  const told: string[] = [];
  for (const sensor of new Set([...Object.keys(found), ...Object.keys(expected)])) {
    const [has, wants] = [found[sensor] ?? [], expected[sensor] ?? []];
    const at = wants.findIndex((line, index) => has[index] !== line);
    if (at < 0 && has.length === wants.length) continue;
    const from = at < 0 ? wants.length : at;
    told.push(
      `${where}, ${sensor}: ${has.length} instead of ${wants.length}; from ${from} on [${has.slice(from, from + 3).join(' | ')}] instead of [${wants.slice(from, from + 3).join(' | ')}]`,
    );
  }
  return told;
}
