/**
 * What the live view of `dds tail` costs over three sites: CPU, memory, redraws, time from key to reaction, and whether it
 * counts right. Needs a build, tmux, and Linux's /proc:
 *   node bench/tail.ts [--rate 10000] [--seconds 600]
 */
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKafka } from '../src/runtime/kafka/index.ts';
import { avroType, createRegistryClient, encodeWire, thesisSchema } from '../src/runtime/serde/index.ts';
import { launcher, workspace } from '../test/support/cli.ts';
import { status } from '../test/support/stack.ts';

const { values } = parseArgs({
  options: { rate: { type: 'string', default: '10000' }, seconds: { type: 'string', default: '600' } },
});
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
const sites = ['edge-1', 'edge-2', 'central'];
const partitions = 2;
/** Records are handed over so often. */
const tickMs = 20;
/** A key is pressed so often. */
const keyEveryMs = 400;
const say = (line: string) => process.stdout.write(`${line}\n`);
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

await using space = workspace();
writeFileSync(
  join(space.directory, 'dds.yaml'),
  `sites: { ${sites.map((site) => `${site}: { store: none }`).join(', ')} }
topics: { temperature-data: { partitions: ${partitions}, schema: TemperatureData } }
`,
);
const up = await space.dds(['up', '--ports', 'auto']);
if (up.code !== 0) throw new Error(up.stderr);
const endpoints = (await status(space)).sites;
const type = avroType(thesisSchema('TemperatureData'));
const writers = await Promise.all(
  endpoints.map(async ({ brokers, registryUrl }) => {
    const kafka = createKafka({ brokers, clientId: 'bench' });
    const schema = await createRegistryClient(registryUrl).register(
      'temperature-data-value',
      thesisSchema('TemperatureData'),
    );
    const producer = kafka.producer();
    await producer.start();
    await producer.partitionCount('temperature-data');
    return { kafka, producer, schema };
  }),
);

// tmux in control mode: one process that takes keys and gives the output as it comes, so that no start of a process is
// measured with it.
const socket = `dds-bench-${randomUUID()}`;
const command = [
  'env',
  'LC_ALL=C.UTF-8',
  'TERM=screen-256color',
  process.execPath,
  launcher,
  'tail',
  'temperature-data',
];
const tmux = spawn(
  'tmux',
  [
    '-u',
    '-L',
    socket,
    '-f',
    '/dev/null',
    '-C',
    'new-session',
    '-x',
    '160',
    '-y',
    '50',
    '-c',
    space.directory,
    ...command,
  ],
  { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, CI: '', NO_COLOR: '' } },
);
const capture = () =>
  execFileSync('tmux', ['-L', socket, 'capture-pane', '-p', '-t', ':0'], { encoding: 'utf8' });
const drawnAt: number[] = [];
/** Answers a key at once: what the machine and tmux take by themselves. */
const echo = "process.stdin.setRawMode(true).on('data', () => process.stdout.write('answered'))";
let waiting: { text: string; seen(): void } | null = null;
let rest = '';
tmux.stdout.setEncoding('utf8').on('data', (data: string) => {
  const lines = (rest + data).split('\n');
  rest = lines.pop()!;
  for (const line of lines) {
    if (!line.startsWith('%output')) continue;
    // Each frame begins with the sequence for synchronised output.
    for (const _ of line.matchAll(/\\033\[\?2026h/g)) drawnAt.push(performance.now());
    if (waiting && line.includes(waiting.text)) waiting.seen();
  }
});
const press = async (window: number, key: string, reaction: string): Promise<number> => {
  const from = performance.now();
  const seen = new Promise<void>((resolve) => {
    waiting = { text: reaction, seen: resolve };
  });
  tmux.stdin.write(`send-keys -t :${window} ${key}\n`);
  await Promise.race([seen, sleep(5000)]);
  waiting = null;
  return performance.now() - from;
};

try {
  while (drawnAt.length === 0) await sleep(50);
  while (!/central .*0\/s/.test(capture())) await sleep(100);
  const shell = execFileSync('tmux', ['-L', socket, 'display-message', '-p', '-t', ':0', '#{pane_pid}'], {
    encoding: 'utf8',
  }).trim();
  const pid = Number(shell);
  const cpuMs = () => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  };
  const rssMib = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;

  tmux.stdin.write(`new-window -d ${process.execPath} -e "${echo}"\n`);
  const startedAt = performance.now();
  const cpuFrom = cpuMs();
  const rss: number[] = [];
  const samplingTold = new Set<string>();
  let produced = 0;
  let producing = true;
  const load = (async () => {
    while (performance.now() - startedAt < seconds * 1000) {
      const due = Math.min(rate * seconds, Math.floor(((performance.now() - startedAt) / 1000) * rate));
      for (; produced < due; produced++) {
        const { producer, schema } = writers[produced % writers.length]!;
        const now = Date.now();
        const reading = {
          sensor_id: `sensor-${produced % 100}`,
          timestamp: now,
          temperature: 20 + (produced % 160) / 8,
          unit: 'C',
        };
        const partition = Math.floor(produced / writers.length) % partitions;
        producer.append(
          'temperature-data',
          partition,
          Buffer.from(reading.sensor_id),
          encodeWire(schema, type, reading),
          now,
          null,
          0,
        );
      }
      await sleep(tickMs);
      // What the brokers of this machine cannot take is not piled up.
      await Promise.all(writers.map(({ producer }) => producer.below(100_000)));
    }
    await Promise.all(writers.map(({ producer }) => producer.flush()));
    producing = false;
  })();
  const memory = (async () => {
    while (producing) {
      rss.push(rssMib());
      await sleep(1000);
    }
  })();
  const [latencies, echoes]: [number[], number[]] = [[], []];
  while (producing) {
    await sleep(keyEveryMs);
    const told = /following a sample · .*\/s/.exec(capture())?.[0];
    if (told) samplingTold.add(told);
    latencies.push(await press(0, 'Space', 'paused'));
    await sleep(keyEveryMs);
    latencies.push(await press(0, 'Space', 'following'));
    echoes.push(await press(1, 'x', 'answered'));
  }
  await Promise.all([load, memory]);
  const elapsedS = (performance.now() - startedAt) / 1000;
  const cpu = (cpuMs() - cpuFrom) / 10 / elapsedS;
  const most = drawnAt.reduce((max, from, at) => {
    let to = at;
    while (to < drawnAt.length && drawnAt[to]! < from + 1000) to++;
    return Math.max(max, to - at);
  }, 0);
  const shown = () => Number(/([\d,]+) records/.exec(capture())?.[1]?.replaceAll(',', '') ?? 0);
  let counted = shown();
  for (let quiet = 0; counted < produced && quiet < 100; quiet++) {
    await sleep(100);
    const now = shown();
    if (now !== counted) quiet = 0;
    counted = now;
  }
  const quantiles = (values: number[]) => {
    values.sort((a, b) => a - b);
    const at = (q: number) => values[Math.min(values.length - 1, Math.floor(q * values.length))]!.toFixed(0);
    return `median ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms`;
  };
  const late = rss.slice(Math.floor(rss.length / 2));
  const spread = (Math.max(...late) / Math.min(...late) - 1) * 100;
  say(
    `${rate.toLocaleString('en')} records/s for ${seconds} s over ${sites.length} sites, really ${Math.round(produced / elapsedS).toLocaleString('en')}/s`,
  );
  say(
    `counted   ${counted.toLocaleString('en')} of ${produced.toLocaleString('en')} produced${counted === produced ? '' : '  WRONG'}`,
  );
  say(`CPU       ${cpu.toFixed(0)} % of one core`);
  say(`memory    ${late.at(-1)!.toFixed(0)} MiB, within ${spread.toFixed(1)} % over the second half`);
  say(`redraws   ${(drawnAt.length / elapsedS).toFixed(1)} a second, at most ${most} in any second`);
  say(`keys      ${latencies.length} pressed: ${quantiles(latencies)}`);
  say(`          a program that answers at once, beside it: ${quantiles(echoes)}`);
  say(`sampling  ${[...samplingTold].at(-1) ?? 'not told'}`);
} finally {
  execFileSync('tmux', ['-L', socket, 'kill-server']);
  await Promise.all(writers.map(({ kafka }) => kafka.close()));
}
