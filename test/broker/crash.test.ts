import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTopics, initProducerId, RecordWalker } from '../../src/runtime/protocol/index.ts';
import { startBroker } from '../support/broker.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const brokerProcess = fileURLToPath(new URL('../support/broker-process.ts', import.meta.url));
const withTopic = (client: RawClient, configs: { name: string; value: string }[] = []) =>
  client.ask(createTopics, 3, {
    topics: [{ name: 't', numPartitions: 1, replicationFactor: 1, configs }],
    validateOnly: false,
  });

/** Everything in the partition, from the log's start on. */
async function readAll(client: RawClient, fromOffset = 0): Promise<{ offset: number; value: string }[]> {
  const all: { offset: number; value: string }[] = [];
  for (let next = fromOffset; ; ) {
    const { records, highWatermark } = await client.fetch('t', 0, next);
    const walker = new RecordWalker(records!, { fromOffset: next });
    while (walker.next()) {
      all.push({ offset: walker.offset, value: walker.value()!.toString() });
      next = walker.offset + 1;
    }
    if (records!.length === 0 || next >= highWatermark) return all;
  }
}

const logOf = (dataDir: string) => path.join(dataDir, 't-0', `${'0'.repeat(20)}.log`);

test('SIGKILL during acknowledged produce loses nothing that was acknowledged', async () => {
  const dataDir = temporaryDirectory();
  const child = spawn(process.execPath, [brokerProcess, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: { offset: number; value: string }[] = [];
  let producerId = -1;
  let unanswered = 0;
  try {
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    await using client = await RawClient.connect(Number(line));
    await withTopic(client);
    producerId = (await client.ask(initProducerId, 1, { transactionalId: null, transactionTimeoutMs: 0 }))
      .producerId;
    const exited = once(child, 'exit');
    let sequence = 0;
    // Five requests under way all the time; killed in the midst of them.
    const produceOn = async (): Promise<void> => {
      for (;;) {
        const baseSequence = sequence++;
        const value = `value-${baseSequence}-${'x'.repeat(baseSequence % 700)}`;
        unanswered = baseSequence;
        const answer = await client.produce(
          't',
          0,
          batchOf([{ value }], { producerId, producerEpoch: 0, baseSequence }),
        );
        expect(answer.errorCode).toBe(0);
        acknowledged.push({ offset: answer.baseOffset, value });
        if (acknowledged.length === 1500) child.kill('SIGKILL');
      }
    };
    await Promise.allSettled(Array.from({ length: 5 }, produceOn));
    await exited;
  } finally {
    child.kill('SIGKILL');
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(1500);
  expect(
    readdirSync(path.join(dataDir, 't-0')).filter((name) => name.endsWith('.log')).length,
  ).toBeGreaterThan(1);
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  const kept = await readAll(client);
  expect(kept.map(({ offset }) => offset)).toEqual(kept.map((_, i) => i));
  const byOffset = new Map(kept.map(({ offset, value }) => [offset, value]));
  expect(acknowledged.filter(({ offset, value }) => byOffset.get(offset) !== value)).toEqual([]);
  // What is known of the producer has survived too: the last batch again is a duplicate, the next one goes on.
  const last = kept.length - 1;
  expect(unanswered).toBeGreaterThanOrEqual(last);
  const again = (baseSequence: number) => batchOf([{}], { producerId, producerEpoch: 0, baseSequence });
  expect(await client.produce('t', 0, again(last))).toMatchObject({ errorCode: 0, baseOffset: last });
  expect(await client.produce('t', 0, again(last + 1))).toMatchObject({ errorCode: 0, baseOffset: last + 1 });
});

async function produced(
  dataDir: string,
  batches: number,
  configs: { name: string; value: string }[] = [],
): Promise<void> {
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  await withTopic(client, configs);
  for (let i = 0; i < batches; i++) await client.produce('t', 0, batchOf([{ value: `v${i}` }]));
}

test.for([
  ['half a batch', (log: string) => truncateSync(log, statSync(log).size - 10), 9],
  ['zeros, as a lost page leaves them', (log: string) => appendFileSync(log, Buffer.alloc(4096)), 10],
  [
    'a flipped bit',
    (log: string) => {
      const bytes = readFileSync(log);
      bytes[bytes.length - 3]! ^= 4;
      writeFileSync(log, bytes);
    },
    9,
  ],
] as const)('a torn tail is cut at the first bad batch, and told: %s', async ([, tear, kept]) => {
  const dataDir = temporaryDirectory();
  await produced(dataDir, 10);
  rmSync(path.join(dataDir, '.clean-shutdown'));
  tear(logOf(dataDir));
  const { log, lines } = recordingLogger();
  await using running = await startBroker({ dataDir, log });
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    expect.stringContaining('torn tail cut'),
  ]);
  expect((await readAll(client)).map(({ value }) => value)).toEqual(
    Array.from({ length: kept }, (_, i) => `v${i}`),
  );
  expect((await client.produce('t', 0, batchOf([{}]))).baseOffset).toBe(kept);
});

test('indexes that are missing or belong to another log are built anew', async () => {
  const dataDir = temporaryDirectory();
  await produced(dataDir, 40, [{ name: 'segment.bytes', value: '1000' }]);
  const directory = path.join(dataDir, 't-0');
  const indexes = readdirSync(directory).filter((name) => name.endsWith('index'));
  expect(indexes.length).toBeGreaterThan(4);
  for (const [i, name] of indexes.entries()) {
    if (i % 2 === 0) rmSync(path.join(directory, name));
    else writeFileSync(path.join(directory, name), Buffer.alloc(16, 0xff));
  }
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect((await readAll(client)).map(({ value }) => value)).toEqual(
    Array.from({ length: 40 }, (_, i) => `v${i}`),
  );
});
