/**
 * The embedded site beside Apache Kafka, and the relay beside MirrorMaker 2, in one run on this machine:
 *   npm run bench:side-by-side -- --rounds 3 --records 1000000
 *   npm run bench:side-by-side -- --only broker --cpu-prof /tmp/profiles     profiles of the embedded broker
 * Needs Java and Maven; the jars come from Maven Central into .cache/clients. Rounds take turns; what is printed is the
 * median of each figure, and the ratio of the two.
 */
import { parseArgs } from 'node:util';
import { cpuSeconds, peakRssMiB, rssMiB } from './processes.ts';
import { apacheKafka, embedded, type Start, startSystem } from './side-by-side/systems.ts';
import {
  type Copier,
  consume,
  copy,
  createTopic,
  mirrorMaker,
  produce,
  relay,
} from './side-by-side/tools.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    records: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    'cpu-prof': { type: 'string' },
  },
});
const records = Number(values.records);
const rounds = Number(values.rounds);
const profile = values['cpu-prof'];
const flags = profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : [];
const print = (line: string) => process.stdout.write(`${line}\n`);

type Figures = Record<string, number>;

async function broker(start: Start): Promise<Figures> {
  await using system = await startSystem(start);
  await createTopic(system, 'perf', 1);
  await createTopic(system, 'paced', 1);
  const atStart = rssMiB(system.pid);
  const cpuBefore = cpuSeconds(system.pid);
  const fast = await produce(system, 'perf', records);
  const cpuProduced = cpuSeconds(system.pid);
  const read = await consume(system, 'perf', records);
  const cpuRead = cpuSeconds(system.pid);
  const paced = await produce(system, 'paced', 100_000, 10_000);
  return {
    'start to ready, ms': system.readyMs,
    'produced, records/s': fast.perSecond,
    'produced at full speed, p99 ms': fast.p99Ms,
    'produced at 10,000/s, p99 ms': paced.p99Ms,
    'consumed, records/s': read,
    'CPU to take 1,000,000 records, s': ((cpuProduced - cpuBefore) * 1e6) / records,
    'CPU to serve 1,000,000 records, s': ((cpuRead - cpuProduced) * 1e6) / records,
    'memory when ready, MiB': atStart,
    'greatest memory, MiB': peakRssMiB(system.pid),
  };
}

async function copying(copier: Copier): Promise<Figures> {
  const partitions = 4;
  await using from = await startSystem(embedded());
  await using to = await startSystem(embedded());
  await createTopic(from, 'small', partitions);
  await produce(from, 'small', records);
  const { seconds, cpuSeconds: cpu, peakMiB } = await copy(copier, from, to, records, partitions);
  return {
    'until all has been copied, s': seconds,
    'CPU, start included, s': cpu,
    'records per CPU-second': records / cpu,
    'greatest memory, MiB': peakMiB,
  };
}

const median = (numbers: number[]) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const text = (figure: number) =>
  figure >= 100
    ? Math.round(figure).toLocaleString('en')
    : figure >= 10
      ? figure.toFixed(1)
      : figure.toFixed(2);

/** Runs the contestants in turns and prints a table; ratios are those to the last of them. */
async function compare(title: string, contestants: Record<string, () => Promise<Figures>>): Promise<void> {
  const names = Object.keys(contestants);
  const ran = new Map<string, Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, run] of Object.entries(contestants)) {
      const figures = await run();
      ran.get(name)!.push(figures);
      const line = Object.entries(figures).map(([figure, value]) => `${figure} ${text(value)}`);
      process.stderr.write(`round ${round + 1}, ${name}: ${line.join('; ')}\n`);
    }
  }
  const last = names.at(-1)!;
  print(
    `\n| ${title} | ${names.join(' | ')} | ${names
      .slice(0, -1)
      .map((name) => `${name} : ${last}`)
      .join(' | ')} |`,
  );
  print(`|${' --- |'.repeat(2 * names.length)}`);
  for (const figure of Object.keys(ran.get(last)![0]!)) {
    const medians = names.map((name) => median(ran.get(name)!.map((figures) => figures[figure]!)));
    const ratios = medians.slice(0, -1).map((value) => (value / medians.at(-1)!).toFixed(2));
    print(`| ${figure} | ${medians.map(text).join(' | ')} | ${ratios.join(' | ')} |`);
  }
}

if (values.only !== 'relay')
  await compare('broker', {
    embedded: () => broker(embedded(flags)),
    'Apache Kafka': () => broker(apacheKafka),
  });
if (values.only !== 'broker')
  await compare('copying', {
    'relay, exactly once': () => copying(relay('exactly-once')),
    'relay, at least once': () => copying(relay('at-least-once')),
    'MirrorMaker 2': () => copying(mirrorMaker),
  });
