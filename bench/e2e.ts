/**
 * The whole path on this machine: sensors → edge Kafka → edge database, and → relay → central Kafka → central database.
 * Prints start time, rate, loss, latency, memory and CPU seconds per process.
 *
 *   npm run bench:e2e -- --rate 10000 --duration 60 --sensors 1000 --sites 2
 *   npm run bench:e2e -- --engine docker --sites 1    Kafka and Cassandra in containers at both ends
 */
import { request } from 'node:http';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { connectDocker } from '../src/runtime/engines/docker/runtime.ts';
import type { SimulationResult } from '../src/runtime/simulator/index.ts';
import type { StackStatus } from '../src/runtime/stack/types.ts';
import { workspace } from '../test/support/cli.ts';
import { json, status, until } from '../test/support/stack.ts';
import { cpuSeconds, pssMiB, rssMiB } from './processes.ts';

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '10000' },
    duration: { type: 'string', default: '60' },
    sensors: { type: 'string', default: '1000' },
    sites: { type: 'string', default: '2' },
    engine: { type: 'string', default: 'embedded' },
  },
});

const processes = (now: StackStatus): { name: string; pid: number }[] => [
  { name: 'supervisor', pid: now.supervisorPid },
  ...now.services.flatMap(({ service, pid }) => (pid === null ? [] : [{ name: service, pid }])),
];

/** CPU seconds so far and MiB of every container of the stack. */
async function containersOf(now: StackStatus): Promise<{ name: string; cpu: number; mib: number }[]> {
  if (now.engine !== 'docker') return [];
  const { docker } = await connectDocker();
  const filters = { label: [`io.dds-lab.stack=${now.directory}`] };
  return Promise.all(
    (await docker.listContainers({ filters })).map(async ({ Id, Labels }) => {
      const stats = await docker.getContainer(Id).stats({ stream: false, 'one-shot': true });
      const { usage = 0, stats: parts } = stats.memory_stats;
      return {
        name: `${Labels['io.dds-lab.site']}/${Labels['io.dds-lab.part']}`,
        cpu: stats.cpu_stats.cpu_usage.total_usage / 1e9,
        mib: (usage - (parts?.inactive_file ?? parts?.total_inactive_file ?? 0)) / 2 ** 20,
      };
    }),
  );
}

const post = (socketPath: string, path: string) =>
  new Promise<void>((resolve, reject) => {
    const call = request({ socketPath, path, method: 'POST' }, (answer) => {
      answer.resume().once('end', () => resolve());
    });
    call.once('error', reject).end();
  });

const print = (line = '') => process.stdout.write(`${line}\n`);
const sum = (numbers: number[]) => numbers.reduce((total, one) => total + one, 0);

await using space = workspace();
const up = await space.dds(
  ['up', '--sites', values.sites, '--engine', values.engine, '--ports', 'auto', '--json'],
  {
    timeoutMs: 300_000,
  },
);
if (up.code !== 0) throw new Error(up.stdout + up.stderr);
const { elapsedMs } = JSON.parse(up.stdout) as { elapsedMs: number };
print(
  `up --sites ${values.sites}: ready in ${elapsedMs} ms, ${Math.round(up.elapsedMs)} ms with the process itself`,
);

const ready = await status(space);
const memory = new Map(
  processes(ready).map(({ name, pid }) => [name, { cpu: cpuSeconds(pid), rss: rssMiB(pid) }]),
);
const totalBefore = sum([...memory.values()].map(({ rss }) => rss));
print(`memory when ready: ${totalBefore.toFixed(0)} MiB resident in ${memory.size} processes`);

// The first records meet cold code, new tables and schemas: they count, but not in the latencies.
const simulate = (seconds: string, ...more: string[]) => [
  'simulate',
  ...[
    '--rate',
    values.rate,
    '--duration',
    `${seconds}s`,
    '--sensors',
    values.sensors,
    '--seed',
    '1',
    '--json',
  ],
  ...more,
];
const warm = JSON.parse((await space.dds(simulate('5'))).stdout) as SimulationResult;
const distinct = ['--distinct', 'sensor_id,timestamp,temperature', '--timeout', '10m'];
const countAt = async (site: string) => {
  const args = ['query', 'count', 'temperature_data', '--site', site, ...distinct];
  return (await json<{ sites: { rows: number; distinct: number }[] }>(space, args)).sites;
};
await until(
  () => countAt('central'),
  ([row]) => Number(row?.rows) >= warm.acked,
);
for (const { http } of ready.services) {
  if (http?.includes('sink')) await post(http.replace(/^unix:/, ''), '/latency/reset');
}

const before = new Map(processes(ready).map(({ name, pid }) => [name, { cpu: cpuSeconds(pid) }]));
const containersBefore = new Map((await containersOf(ready)).map(({ name, cpu }) => [name, cpu]));
const load = space.start(simulate(values.duration, '--no-register'), {
  timeoutMs: Number(values.duration) * 2000 + 60_000,
});
let simulatorCpu = 0;
const watch = setInterval(() => {
  simulatorCpu = cpuSeconds(load.pid) || simulatorCpu;
}, 100);
const run = await load.result;
clearInterval(watch);
const result = JSON.parse(run.stdout) as SimulationResult;
if (run.stderr) print(run.stderr.trim());
print(JSON.stringify(result));
const acked = warm.acked + result.acked;
const containers = await containersOf(ready);
print(
  `load of the machine: ${loadavg()
    .map((one) => one.toFixed(1))
    .join(' ')}`,
);

const edges = ready.sites.filter(({ role }) => role === 'edge').map(({ site }) => site);
const arrived = async (sites: string[]) => (await Promise.all(sites.map((site) => countAt(site)))).flat();
const startedWaiting = performance.now();
const central = await until(
  () => arrived(['central']),
  ([row]) => Number(row?.rows) >= acked,
  15_000,
).catch(() => arrived(['central']));
print(`the centre had everything ${Math.round(performance.now() - startedWaiting)} ms after the load ended`);
const atEdges = await arrived(edges);
const column = (rows: { rows: number; distinct: number }[], name: 'rows' | 'distinct') =>
  sum(rows.map((row) => row[name]));
for (const [place, rows] of [
  ['edges', atEdges],
  ['central', central],
] as const) {
  const [all, readings] = [column(rows, 'rows'), column(rows, 'distinct')];
  print(
    `${place}: ${all} rows of ${acked} acknowledged, lost ${acked - readings}, doubled ${all - readings}`,
  );
}
for (const site of [...edges, 'central']) {
  const figures = await json<unknown>(space, ['status']).then(
    (now) => (now as StackStatus).services.find(({ service }) => service === `${site}/sink`)?.info,
  );
  print(
    `${site} latency, intended time to committed row: ${JSON.stringify((figures as { latency?: unknown })?.latency)}`,
  );
}

print();
print('process              CPU s   of a core   MiB rss   MiB pss');
const after = await status(space);
const seconds = Number(values.duration);
let cpuTotal = simulatorCpu;
let rssTotal = 0;
let pssTotal = 0;
for (const { name, pid } of processes(after)) {
  const cpu = cpuSeconds(pid) - (before.get(name)?.cpu ?? 0);
  const [rss, pss] = [rssMiB(pid), pssMiB(pid)];
  cpuTotal += cpu;
  rssTotal += rss;
  pssTotal += pss;
  const share = `${((100 * cpu) / seconds).toFixed(1)} %`;
  print(
    `${name.padEnd(18)} ${cpu.toFixed(2).padStart(6)}   ${share.padStart(9)}   ${rss.toFixed(0).padStart(7)}   ${pss.toFixed(0).padStart(7)}`,
  );
}
for (const { name, cpu: total, mib } of containers) {
  const cpu = total - (containersBefore.get(name) ?? 0);
  cpuTotal += cpu;
  rssTotal += mib;
  const share = `${((100 * cpu) / seconds).toFixed(1)} %`;
  print(
    `${name.padEnd(18)} ${cpu.toFixed(2).padStart(6)}   ${share.padStart(9)}   ${mib.toFixed(0).padStart(7)}`,
  );
}
print(
  `${'simulate'.padEnd(18)} ${simulatorCpu.toFixed(2).padStart(6)}   ${`${((100 * simulatorCpu) / seconds).toFixed(1)} %`.padStart(9)}`,
);
print(
  `${'all'.padEnd(18)} ${cpuTotal.toFixed(2).padStart(6)}   ${''.padStart(9)}   ${rssTotal.toFixed(0).padStart(7)}   ${pssTotal.toFixed(0).padStart(7)}`,
);
print(`CPU per record, from sensor to both databases: ${((cpuTotal / result.acked) * 1e6).toFixed(1)} µs`);
