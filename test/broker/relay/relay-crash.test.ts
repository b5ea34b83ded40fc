import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { avroType, createWireEncoder, thesisSchema } from '../../../src/runtime/serde/index.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { eventually } from '../../support/lab.ts';
import { RelayLab, readAll } from '../../support/relay-lab.ts';

const entry = fileURLToPath(new URL('../../support/relay-process.ts', import.meta.url));
const partitions = 3;

it('loses nothing when it is killed under load, and doubles only what says so', async () => {
  await using lab = new RelayLab();
  const [edge, central] = await Promise.all([lab.site('edge-1'), lab.site('central')]);
  const schema = thesisSchema('TemperatureData');
  await central.registry.register('something-value', JSON.stringify({ type: 'long' }));
  const encode = createWireEncoder(await edge.registry.register('load-value', schema), avroType(schema));
  await edge.create('load', partitions);
  const relay: { process: ChildProcess | null } = { process: null };
  lab.defer(() => relay.process?.kill('SIGKILL'));
  const options = {
    ...{ site: central.name, brokers: central.brokers, registryUrl: central.registryUrl },
    ...{ sources: [edge.spec], topics: ['load'] },
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
      for (let i = 0; i < 50; i++, sent++) {
        const value = encode({ sensor_id: 's', timestamp: sent, temperature: 1, unit: 'C' });
        edge.send('load', value, { partition: sent % partitions, ts: sent });
      }
      await systemClock.sleep(5);
    }
    await edge.producer.flush();
  })();
  // Killed soon after it began, between two saves of its positions, and after some.
  for (const lifeMs of [30, 700, 1500]) {
    await start();
    await systemClock.sleep(lifeMs);
    const gone = once(relay.process!, 'exit');
    relay.process!.kill('SIGKILL');
    await gone;
  }
  load.abort();
  await loading;
  await start();

  const arrived = async () => {
    const read = await readAll(central.kafka, 'load');
    const sources = new Map(
      read.map((record) => [`${record.partition} ${record.headers['dds-source']!.toString('hex')}`, record]),
    );
    return sources.size >= sent ? { read, unique: [...sources.values()] } : null;
  };
  const { read, unique } = await eventually('everything', arrived, 15_000);
  expect(unique.length).toBe(sent);
  expect(unique.map(({ timestamp }) => timestamp).sort((a, b) => a - b)).toEqual(
    Array.from({ length: sent }, (_, i) => i),
  );
  // It was killed between deliveries and saves, so some came twice, else this test shows nothing.
  expect(read.length).toBeGreaterThan(sent);
  // What a sink keeps that skips whatever is not beyond the highest source offset it has.
  const highest = new Map<number, bigint>();
  let kept = 0;
  for (const { partition, headers } of read) {
    const offset = headers['dds-source']!.readBigInt64BE(16);
    if (offset <= (highest.get(partition) ?? -1n)) continue;
    expect(offset).toBe((highest.get(partition) ?? -1n) + 1n);
    highest.set(partition, offset);
    kept++;
  }
  expect(kept).toBe(sent);
}, 40_000);
