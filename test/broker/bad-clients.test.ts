import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createTopics, encodeRequest, fetch } from '../../src/runtime/protocol/index.ts';
import { randomFrom } from '../protocol/generate.ts';
import { batchOf, RawClient } from '../support/raw-client.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const brokerProcess = fileURLToPath(new URL('../support/broker-process.ts', import.meta.url));
const EACH = 10;
const ANSWER_BYTES = 9_000_000;

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

async function opened(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Also after a reset, which `once` would take for a failure. */
const closeOf = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));

const each = <T>(make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: EACH }, (_, i) => make(i)));

/** Resident memory of a process, MiB; null where the system does not tell. */
function rssMiB(pid: number): number | null {
  const file = `/proc/${pid}/statm`;
  if (!existsSync(file)) return null;
  return Math.round((Number(readFileSync(file, 'utf8').split(' ')[1]) * 4096) / 2 ** 20);
}

/** Bytes without a sense; where they look like a length they announce more than is allowed, or less than follows. */
const garbage = (seed: number): Buffer => {
  const random = randomFrom(seed);
  return Buffer.from(Array.from({ length: 20_000 }, () => Math.floor(random() * 256)));
};

test('clients that read nothing, send garbage or announce 2 GiB: the others notice nothing', async () => {
  const child = spawn(process.execPath, [brokerProcess, temporaryDirectory()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const bad: Socket[] = [];
  try {
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    const port = Number(line);
    await using good = await RawClient.connect(port);
    await using reader = await RawClient.connect(port);
    const configs = [{ name: 'segment.bytes', value: '100000000' }];
    await good.ask(createTopics, 3, {
      topics: ['large', 'good'].map((name) => ({ name, numPartitions: 1, replicationFactor: 1, configs })),
      validateOnly: false,
    });
    for (let i = 0; i < 20; i++)
      await good.produce('large', 0, batchOf([{ value: 'x'.repeat(ANSWER_BYTES / 10) }]));

    /** Produces a batch and waits for the reader to have it. */
    let produced = 0;
    const roundTrip = async (): Promise<number> => {
      const startedAt = performance.now();
      const waiting = reader.fetch('good', 0, produced, { maxWaitMs: 5000 });
      expect((await good.produce('good', 0, batchOf([{}]))).errorCode).toBe(0);
      expect((await waiting).records!.length).toBeGreaterThan(0);
      produced++;
      return performance.now() - startedAt;
    };
    const roundTrips = async (count: number) => {
      const times: number[] = [];
      for (let i = 0; i < count; i++) times.push(await roundTrip());
      times.sort((a, b) => a - b);
      return { medianMs: times[count >> 1]!, worstMs: times.at(-1)! };
    };
    await roundTrips(200);
    const before = await roundTrips(200);
    const memoryBefore = rssMiB(child.pid!);

    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: ANSWER_BYTES }];
    const asked = encodeRequest(
      fetch,
      11,
      { correlationId: 1, clientId: 'slow' },
      { maxWaitMs: 0, minBytes: 1, topics: [{ topic: 'large', partitions }] },
    );
    const request = Buffer.concat(asked);
    await each(async () => {
      const socket = await opened(port);
      bad.push(socket.pause());
      for (let i = 0; i < 100; i++) socket.write(request);
    });
    const closed = [
      ...(await each(async (i) => {
        const socket = await opened(port);
        bad.push(socket.resume());
        const gone = closeOf(socket);
        socket.end(garbage(i + 1));
        return [gone];
      })),
      ...(await each(async () => {
        const socket = await opened(port);
        bad.push(socket.resume());
        const gone = closeOf(socket);
        socket.write(int32(0x7fffffff));
        socket.write(Buffer.alloc(1 << 20));
        return [gone];
      })),
    ];
    // One that announces what is allowed and then brings it in drops.
    await each(async () => {
      const socket = await opened(port);
      bad.push(socket);
      socket.write(int32(100 << 20));
      socket.write(Buffer.alloc(1000));
    });
    const meanwhile = await roundTrips(500);
    const memory = rssMiB(child.pid!);
    await Promise.all(closed.flat());
    process.stdout.write(
      `round trip: ${before.medianMs.toFixed(2)} ms before, ${meanwhile.medianMs.toFixed(2)} ms among ${4 * EACH} bad clients ` +
        `(worst ${meanwhile.worstMs.toFixed(0)} ms); memory ${memoryBefore} MiB, then ${memory} MiB\n`,
    );
    expect(meanwhile.medianMs).toBeLessThan(before.medianMs * 5 + 5);
    expect(meanwhile.worstMs).toBeLessThan(1000);
    // Of a hundred answers that a client has asked for and does not take, only what its limit allows is made.
    if (memory !== null) expect(memory - memoryBefore!).toBeLessThan((3 * EACH * ANSWER_BYTES) / 2 ** 20);
    expect(child.exitCode).toBeNull();
  } finally {
    for (const socket of bad) socket.destroy();
    child.kill('SIGKILL');
  }
}, 60_000);
