import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { eventually } from '../../../support/lab.ts';
import { ask, startSinkSite } from '../../../support/sink.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const entry = fileURLToPath(new URL('../../../support/broker-process.ts', import.meta.url));
const schema = { type: 'record', name: 'R', fields: [{ name: 'n', type: 'int' }] };
const count = 200_000;

it('tells the last known lag while the broker stands still, and goes on afterwards', async () => {
  const broker = spawn(process.execPath, [entry, temporaryDirectory()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const [port] = (await once(broker.stdout, 'data')) as [Buffer];
    await using site = await startSinkSite({ brokers: [`127.0.0.1:${String(port).trim()}`] });
    await site.createTopic({ name: 'readings', configs: { 'segment.bytes': String(64 << 20) } });
    await site.produce(
      'readings',
      schema,
      Array.from({ length: count }, (_, n) => ({ value: { n } })),
    );
    const sink = await site.sink();
    await eventually('the first rows', () => sink.info().rows > 0);
    broker.kill('SIGSTOP');
    const unreachable = await eventually('a sink that says so', () => sink.info().unreachable);
    expect(unreachable).toMatch(/no answer/);
    const { lagRecords, lagSeconds, rows, trouble } = sink.info();
    expect(trouble).toBe(unreachable);
    expect(lagRecords).toBe(count - rows);
    expect(lagRecords).toBeGreaterThan(0);
    expect(lagSeconds).toBeGreaterThan(0);
    broker.kill('SIGCONT');
    await eventually('all rows', () => sink.info().rows === count, 20_000);
    expect(await ask(sink, 'SELECT count(*), count(DISTINCT n) FROM readings')).toEqual([[count, count]]);
    expect(sink.info()).toMatchObject({ unreachable: null, trouble: null, lagRecords: 0, lagSeconds: 0 });
  } finally {
    broker.kill('SIGKILL');
    await once(broker, 'exit');
  }
}, 60_000);
