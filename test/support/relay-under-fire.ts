import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { DeliveryMode } from '../../src/runtime/jobs/relay/index.ts';
import { avroType, createWireEncoder, thesisSchema } from '../../src/runtime/serde/index.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { Random } from '../../src/shared/random.ts';
import { eventually } from './lab.ts';
import { type LabSite, type Read, type RelayLab, readAll } from './relay-lab.ts';

const entry = fileURLToPath(new URL('./relay-process.ts', import.meta.url));
const partitions = 3;

/**
 * Loads an edge while its relay is killed again and again: after these lives, then whenever something has arrived, until a
 * kill has made a record come twice to whoever reads uncommitted records, too. The last one lives.
 */
export async function underFire(
  lab: RelayLab,
  [edge, central]: readonly [LabSite, LabSite],
  delivery: DeliveryMode,
  lives: readonly number[],
) {
  const schema = thesisSchema('TemperatureData');
  await central.registry.register('something-value', JSON.stringify({ type: 'long' }));
  const encode = createWireEncoder(await edge.registry.register('load-value', schema), avroType(schema));
  // The records' times are their numbers, long ago.
  await edge.create('load', partitions, { 'retention.ms': '-1' });
  const relay: { process: ChildProcess | null } = { process: null };
  lab.defer(() => relay.process?.kill('SIGKILL'));
  const options = {
    ...{ site: central.name, brokers: central.brokers, registryUrl: central.registryUrl },
    ...{ sources: [edge.spec], topics: ['load'], delivery },
  };
  const start = async () => {
    relay.process = spawn(process.execPath, [entry, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(relay.process.stdout!, 'data');
  };

  let sent = 0;
  const load = new AbortController();
  const loading = (async () => {
    while (!load.signal.aborted) {
      for (let i = 0; i < 30; i++, sent++) {
        const value = encode({ sensor_id: 's', timestamp: sent, temperature: 1, unit: 'C' });
        edge.send('load', value, { partition: sent % partitions, ts: sent });
      }
      await systemClock.sleep(10);
    }
    await edge.producer.flush();
  })();
  const kill = async () => {
    const gone = once(relay.process!, 'exit');
    relay.process!.kill('SIGKILL');
    await gone;
  };
  for (const lifeMs of lives) {
    await start();
    await systemClock.sleep(lifeMs);
    await kill();
  }
  const written = async () => {
    const topics = await central.kafka.admin().listTopics();
    const isThere = topics.some(({ name }) => name === 'load');
    return isThere ? readAll(central.kafka, 'load', 'read_uncommitted') : [];
  };
  for (let before = await written(); !somethingTwice(before); before = await written()) {
    await start();
    await eventually('a record', async () => (await written()).length > before.length || null, 30_000);
    await kill();
  }
  load.abort();
  await loading;
  await start();
  return { sent, arrived: () => readAll(central.kafka, 'load') };
}

const somethingTwice = (read: readonly Read[]) =>
  new Set(read.map(({ timestamp }) => timestamp)).size < read.length;

/** Kills an exactly-once relay at random moments; readers of the target see each record once and in order nevertheless. */
export async function exactlyOnceUnderFire(lab: RelayLab, sites: readonly [LabSite, LabSite]): Promise<void> {
  const random = new Random(Number(process.env.DDS_TEST_SEED ?? 7));
  const lives = Array.from({ length: 6 }, () => Math.floor(random.uniform(0, 900)));
  const { sent, arrived } = await underFire(lab, sites, 'exactly-once', lives);
  const everything = async () => {
    const read = await arrived();
    return read.length >= sent ? read : null;
  };
  const read = await eventually('everything', everything, 30_000);
  for (let partition = 0; partition < partitions; partition++) {
    const times = read.filter((one) => one.partition === partition).map(({ timestamp }) => timestamp);
    const count = Math.ceil((sent - partition) / partitions);
    expect(times).toEqual(Array.from({ length: count }, (_, i) => i * partitions + partition));
  }
}
