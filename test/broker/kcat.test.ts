import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { startBroker } from '../support/broker.ts';

let hasKcat = false;
beforeAll(async () => {
  hasKcat = (await execa('kcat', ['-V'], { reject: false })).exitCode === 0;
  if (!hasKcat) process.stderr.write('kcat is not installed: its tests are skipped\n');
});

const kcat = async (brokers: string[], args: string[], input = ''): Promise<string> =>
  (await execa('kcat', ['-b', brokers.join(','), ...args], { input, timeout: 15_000 })).stdout;

test('kcat lists, produces and consumes', async (context) => {
  if (!hasKcat) return context.skip();
  await using running = await startBroker();
  const { brokers } = running;
  const lines = Array.from({ length: 50 }, (_, i) => `key-${i}\tvalue-${i}`);
  for (const [i, codec] of ['none', 'gzip', 'snappy', 'lz4', 'zstd'].entries()) {
    const input = lines.slice(i * 10, i * 10 + 10).join('\n');
    await kcat(
      brokers,
      ['-P', '-t', 'words', '-K', '\t', '-z', codec, '-X', 'enable.idempotence=true'],
      input,
    );
  }
  const listed = JSON.parse(await kcat(brokers, ['-L', '-J'])) as {
    topics: { topic: string; partitions: unknown[] }[];
  };
  expect(listed.topics).toMatchObject([{ topic: 'words', partitions: [{ partition: 0, leader: 1 }] }]);
  expect((await kcat(brokers, ['-C', '-t', 'words', '-e', '-q', '-K', '\t'])).split('\n')).toEqual(lines);
  expect(
    (await kcat(brokers, ['-C', '-t', 'words', '-e', '-q', '-o', '-2', '-K', '\t'])).split('\n'),
  ).toEqual(lines.slice(-2));
  const grouped = await kcat(brokers, [
    '-G',
    'g',
    '-e',
    '-q',
    '-K',
    '\t',
    '-X',
    'auto.offset.reset=earliest',
    'words',
  ]);
  expect(grouped.split('\n')).toEqual(lines);
});

test('kcat finds offsets by time', async (context) => {
  if (!hasKcat) return context.skip();
  await using running = await startBroker();
  await kcat(running.brokers, ['-P', '-t', 'words'], 'a\nb');
  const found = await kcat(running.brokers, ['-Q', '-t', 'words:0:1000']);
  expect(found).toContain('offset 0');
});
