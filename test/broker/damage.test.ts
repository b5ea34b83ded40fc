import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTopics, RecordWalker } from '../../src/runtime/protocol/index.ts';
import { type RunningBroker, startBroker } from '../support/broker.ts';
import { eventually } from '../support/lab.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { recordingLogger } from '../support/recording-logger.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const brokerProcess = fileURLToPath(new URL('../support/broker-process.ts', import.meta.url));
const firstSegment = (dataDir: string, suffix = 'log') =>
  path.join(dataDir, 't-0', `${'0'.repeat(20)}.${suffix}`);
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

/** One partition with a batch for each offset; in segments of ten. */
async function filled(dataDir: string, batches: number): Promise<void> {
  await using running = await startBroker({ dataDir });
  await using client = await RawClient.connect(running.broker.ports.local!);
  await client.ask(createTopics, 3, {
    topics: [
      {
        name: 't',
        numPartitions: 1,
        replicationFactor: 1,
        configs: [{ name: 'segment.bytes', value: '720' }],
      },
    ],
    validateOnly: false,
  });
  for (let i = 0; i < batches; i++) await client.produce('t', 0, batchOf([{ value: `v${i % 10}` }]));
}

async function offsetsOf(running: RunningBroker): Promise<number[]> {
  await using client = await RawClient.connect(running.broker.ports.local!);
  const offsets: number[] = [];
  for (let next = 0; ; ) {
    const { records, highWatermark, errorCode } = await client.fetch('t', 0, next);
    expect(errorCode).toBe(0);
    const walker = new RecordWalker(records!, { fromOffset: next });
    while (walker.next()) {
      offsets.push(walker.offset);
      next = walker.offset + 1;
    }
    if (records!.length === 0 || next >= highWatermark) return offsets;
  }
}

/** Start of the batch with that number in the first segment. */
function batchAt(file: string, number: number): number {
  const bytes = readFileSync(file);
  let at = 0;
  for (let i = 0; i < number; i++) at += 12 + bytes.readInt32BE(at + 8);
  return at;
}

function flip(file: string, position: number): void {
  const bytes = readFileSync(file);
  bytes[position]! ^= 0x10;
  writeFileSync(file, bytes);
}

const flips: [string, number][] = [
  ['in a record', 70],
  ['in the CRC', 18],
  ['in the length', 9],
  ['in the format byte', 16],
  ['in the offset', 1],
];

test.for(flips)('a flipped bit %s costs that batch and is told, after a clean stop', async ([, at]) => {
  const dataDir = temporaryDirectory();
  await filled(dataDir, 35);
  const file = firstSegment(dataDir);
  const before = readFileSync(file);
  const position = batchAt(file, 4);
  flip(file, position + at);
  const { log, lines } = recordingLogger();
  await using running = await startBroker({ dataDir, log });
  const { broker } = running;
  await eventually('the check of all logs', () =>
    lines.some(({ message }) => message.startsWith('logs read and checked')),
  );
  expect(lines.filter(({ level }) => level === 'error').map(({ message }) => message)).toEqual([
    'damage in a log segment: offsets 4 to 4 are lost, the rest is served',
  ]);
  expect(broker.info()).toMatchObject({
    damageCount: 1,
    damages: [{ partition: expect.stringContaining('t-0'), segment: 0, fromOffset: 4, toOffset: 5 }],
  });
  expect(await offsetsOf(running)).toEqual(numbers(35).filter((offset) => offset !== 4));
  // What was cut out is kept, what is left is sound.
  const size = batchAt(file, 1);
  const damaged = readFileSync(firstSegment(dataDir, 'damaged'));
  expect(damaged.length).toBe(size);
  expect(damaged.filter((byte, i) => byte !== before[position + i])).toHaveLength(1);
  await using client = await RawClient.connect(broker.ports.local!);
  expect((await client.produce('t', 0, batchOf([{}]))).baseOffset).toBe(35);
  await broker.stop();
  await using again = await startBroker({ dataDir, log });
  await eventually(
    'the check of all logs',
    () => lines.filter(({ message }) => message.startsWith('logs read and checked')).length === 2,
  );
  expect(again.broker.info().damageCount).toBe(0);
  expect(await offsetsOf(again)).toEqual(numbers(36).filter((offset) => offset !== 4));
});

test.for(
  flips.flatMap(([where, at]) => [
    { where, at, end: 'a crash' },
    { where, at, end: 'a clean stop' },
  ]),
)('a flipped bit $where of the last segment, after $end, costs that batch only', async ({ at, end }) => {
  const dataDir = temporaryDirectory();
  await filled(dataDir, 9);
  if (end === 'a crash') rmSync(path.join(dataDir, '.clean-shutdown'));
  const file = firstSegment(dataDir);
  flip(file, batchAt(file, 3) + at);
  await using running = await startBroker({ dataDir });
  await eventually('the damage', () => running.broker.info().damageCount > 0);
  expect(running.broker.info()).toMatchObject({ damageCount: 1, damages: [{ fromOffset: 3, toOffset: 4 }] });
  expect(await offsetsOf(running)).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
  await using client = await RawClient.connect(running.broker.ports.local!);
  expect((await client.produce('t', 0, batchOf([{}]))).baseOffset).toBe(9);
});

test('damage that comes while the broker runs is met by a reader, who gets the rest', async () => {
  const dataDir = temporaryDirectory();
  await filled(dataDir, 35);
  const { log, lines } = recordingLogger();
  await using running = await startBroker({ dataDir, log });
  await eventually('the check of all logs', () =>
    lines.some(({ message }) => message.startsWith('logs read and checked')),
  );
  const file = firstSegment(dataDir);
  flip(file, batchAt(file, 4) + 16);
  expect(await offsetsOf(running)).toEqual(numbers(35).filter((offset) => offset !== 4));
  expect(running.broker.info()).toMatchObject({ damages: [{ fromOffset: 4, toOffset: 5 }] });
});

test('an index that leads astray is found and built anew', async () => {
  const dataDir = temporaryDirectory();
  const batches = 300;
  {
    await using running = await startBroker({ dataDir });
    await using client = await RawClient.connect(running.broker.ports.local!);
    await client.ask(createTopics, 3, {
      topics: [
        {
          name: 't',
          numPartitions: 1,
          replicationFactor: 1,
          configs: [{ name: 'segment.bytes', value: '40000' }],
        },
      ],
      validateOnly: false,
    });
    for (let i = 0; i < batches; i++)
      await client.produce('t', 0, batchOf([{ value: 'x'.repeat(130 + (i % 10)) }]));
  }
  const file = firstSegment(dataDir, 'index');
  const right = readFileSync(file);
  const wrong = Buffer.from(right);
  // The second entry claims an offset that is before its batch.
  wrong.writeUInt32BE(wrong.readUInt32BE(8) - 5, 8);
  writeFileSync(file, wrong);
  const { log, lines } = recordingLogger();
  await using running = await startBroker({ dataDir, log });
  await using client = await RawClient.connect(running.broker.ports.local!);
  const offset = right.readUInt32BE(8) - 3;
  const { records } = await client.fetch('t', 0, offset);
  const walker = new RecordWalker(records!);
  expect(walker.next()).toBe(true);
  expect(walker.offset).toBe(offset);
  await eventually('the index', () => readFileSync(file).equals(right));
  expect(lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
    'the index of a log segment was wrong: built anew',
  ]);
  expect(running.broker.info().damageCount).toBe(0);
});

test.for([
  ['format.json', '{"format":2}', 'it has format 2, written by a newer dds'],
  ['topics.json', '[{"name": "t"', 'topics.json is damaged'],
  ['cluster.json', '\0\0\0', 'cluster.json is damaged'],
  ['topics.json', null, 'topics.json is missing, and there are logs of 1 partitions'],
] as const)('%s with %s: the start is refused in one line, nothing is touched', async ([file, text, why]) => {
  const dataDir = temporaryDirectory();
  await filled(dataDir, 5);
  const right = readFileSync(path.join(dataDir, file));
  if (text === null) rmSync(path.join(dataDir, file));
  else writeFileSync(path.join(dataDir, file), text);
  const error = await startBroker({ dataDir }).then(
    () => null,
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ code: 'DDS_STATE', message: expect.stringContaining(why) });
  expect(error?.message).toContain(dataDir);
  expect(error?.message).not.toContain('\n');
  writeFileSync(path.join(dataDir, file), right);
  await using running = await startBroker({ dataDir });
  expect(await offsetsOf(running)).toEqual(numbers(5));
});

test('a file in the place of the directory is told in one line', async () => {
  const file = path.join(temporaryDirectory(), 'file');
  writeFileSync(file, '');
  for (const dataDir of [file, path.join(file, 'kafka')])
    await expect(startBroker({ dataDir })).rejects.toMatchObject({
      code: 'DDS_STATE',
      message: `broker data in ${dataDir}: a file is in its place`,
    });
});

test('two brokers never share a directory; the lock of a dead one is taken over', async () => {
  const dataDir = temporaryDirectory();
  const child = spawn(process.execPath, [brokerProcess, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(child.stdout!, 'data');
    await expect(startBroker({ dataDir })).rejects.toMatchObject({
      code: 'DDS_STATE',
      message: `broker data in ${dataDir}: process ${child.pid} uses it`,
    });
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  } finally {
    child.kill('SIGKILL');
  }
  {
    await using running = await startBroker({ dataDir });
    await expect(startBroker({ dataDir })).rejects.toMatchObject({ code: 'DDS_STATE' });
    expect(running.broker.info().topics).toBe(0);
  }
  expect(existsSync(path.join(dataDir, '.lock'))).toBe(false);
  // A process of that number lives, but it is another one.
  symlinkSync(`${process.pid}:1`, path.join(dataDir, '.lock'));
  await using running = await startBroker({ dataDir });
  expect(running.broker.info().trouble).toBeNull();
  expect(readdirSync(dataDir).filter((name) => name.startsWith('.lock'))).toEqual(['.lock']);
});
