import { createKafka, partitionFor } from '../../../../src/runtime/kafka/index.ts';
import {
  avroType,
  createRegistryClient,
  createWireEncoder,
  thesisSchema,
} from '../../../../src/runtime/serde/index.ts';
import type { SiteEndpoints } from '../../../../src/runtime/stack/types.ts';
import {
  countOf,
  differences,
  type Lines,
  linesOfEvents,
  linesOfReadings,
  storedEvents,
  storedReadings,
  topicsOf,
} from './contents.ts';
import { type Blow, scheduleOf } from './kill-schedule.ts';
import { readingsTopic, type SeedLab } from './seed-lab.ts';
import { eventsOf, readingsOf } from './sequential-model.ts';

const edges = ['edge-1', 'edge-2'];
/** Of each edge. */
const readingsOfSite = 1000;
/** So many go out at once, then there is a pause: the blows have to fall while records are under way. */
const portion = 5;
const pauseMs = { embedded: 10, docker: 40 };

export interface SeedOutcome {
  readings: number;
  events: number;
  blows: readonly Blow[];
  /** What is not as a sequential run would have left it. */
  wrong: string[];
}

/**
 * Sends the readings of a seed to two edges while parts of the stack are killed, and compares what is in the stores and in
 * the topics of the centre with what a program that does one reading after the other would have made of them.
 */
export async function runSeed(lab: SeedLab, seed: number): Promise<SeedOutcome> {
  const sites = await lab.sites();
  // Of now: after a crash Apache Kafka takes twice what a producer repeats whose records are older than
  // producer.id.expiration.ms, for it forgets producers by the time of their records.
  const firstMs = Date.now() - readingsOfSite * 1000;
  const sent = new Map(edges.map((site) => [site, readingsOf(seed, site, readingsOfSite, firstMs)]));
  const all = [...sent.values()].flat();
  const blows = scheduleOf(seed, lab.engine, all.length);
  await using sensors = await openSensors(sites.filter(({ site }) => edges.includes(site)));
  let next = 0;
  for (let at = 0; at <= readingsOfSite; at += portion) {
    for (; blows[next] && blows[next]!.after <= at * edges.length; next++)
      await lab.kill(blows[next]!.victim);
    for (const [site, readings] of sent) sensors.send(site, readings.slice(at, at + portion));
    await new Promise((resolve) => setTimeout(resolve, pauseMs[lab.engine]));
  }
  await sensors.flush();

  const events = linesOfEvents([...sent.values()].flatMap(eventsOf));
  const readings = linesOfReadings(all);
  const wrong: string[] = [];
  const settled = async (where: string, ask: () => Promise<Lines>, expected: Lines) => {
    const found = await lab
      .until(ask, (lines) => countOf(lines) >= countOf(expected))
      .catch((error: Error) => {
        wrong.push(`${where}: ${error.message.replace(/last answer .*; last/s, 'last')}`);
        return ask();
      });
    wrong.push(...differences(where, found, expected));
  };
  // The events' rows are the last that come: what is double is there by then.
  await settled('events in the store of central', () => storedEvents(lab, seed), events);
  await settled('store of central', () => storedReadings(lab, 'central', seed), readings);
  for (const [site, own] of sent)
    await settled(`store of ${site}`, () => storedReadings(lab, site, seed), linesOfReadings(own));
  const topics = await topicsOf(sites.find(({ site }) => site === 'central')!, seed);
  wrong.push(...differences('readings at central', topics.readings, readings));
  wrong.push(...differences('events at central', topics.events, events));
  return { readings: all.length, events: countOf(events), blows, wrong };
}

/** The sensors of each site, with the client that they would have: what is acknowledged is there once. */
async function openSensors(sites: readonly SiteEndpoints[]) {
  const schema = thesisSchema('TemperatureData');
  const open = await Promise.all(
    sites.map(async ({ site, brokers, registryUrl }) => {
      const id = await createRegistryClient(registryUrl).register(`${readingsTopic}-value`, schema);
      const encode = createWireEncoder(id, avroType(schema));
      const kafka = createKafka({ brokers, clientId: `sensors-${site}` });
      // A sensor that gives a reading up has not lost it by our fault: none does.
      const producer = kafka.producer({ lingerMs: 2, deliveryTimeoutMs: 600_000 });
      await producer.start();
      return { site, encode, kafka, producer, partitions: await producer.partitionCount(readingsTopic) };
    }),
  );
  return {
    send(at: string, readings: readonly { sensor_id: string; timestamp: number }[]) {
      const { producer, encode, partitions } = open.find(({ site }) => site === at)!;
      for (const reading of readings) {
        const key = Buffer.from(reading.sensor_id);
        const value = encode(reading);
        producer.append(readingsTopic, partitionFor(key, partitions), key, value, reading.timestamp, null, 0);
      }
    },
    flush: () => Promise.all(open.map(({ producer }) => producer.flush())),
    async [Symbol.asyncDispose]() {
      for (const { kafka } of open) await kafka.close();
    },
  };
}
