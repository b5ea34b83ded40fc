import type { DemoResult, DemoSite } from '../runtime/data/demo.ts';
import type { Paint } from './streams.ts';
import { formatTable } from './table.ts';

const whole = (count: number) => count.toLocaleString('en-US');
const ms = (value: number) => value.toFixed(1);

/** What `dds demo` prints: the counts, the latencies, three rows of each database, and how to go on. */
export function demoText(result: DemoResult, paint: Paint): string {
  const { sites } = result;
  const good = result.lost === 0 && result.doubled === 0;
  const counts = [
    ['sent', whole(result.sent)],
    ['acknowledged', whole(result.acked)],
    ['in the edge databases', whole(result.atEdges)],
    ['in the central database', whole(result.atCentre)],
    ['lost', whole(result.lost)],
    ['doubled', whole(result.doubled)],
  ];
  const width = Math.max(...counts.map(([name]) => name?.length ?? 0));
  const lines = counts.map(([name = '', count = '']) => {
    const bad = (name === 'lost' || name === 'doubled') && count !== '0';
    return `${name.padEnd(width)}  ${paint(bad ? 'red' : 'bold', count.padStart(8))}`;
  });
  const latency = formatTable(
    ['FROM SENSOR TO', 'ROWS', 'P50 MS', 'P99 MS', 'MAX MS'],
    sites.map(({ site, rows, latency: l }) => [
      `${site} database`,
      ...[whole(rows), ms(l.p50Ms), ms(l.p99Ms), ms(l.maxMs)],
    ]),
    { paint, right: [1, 2, 3, 4] },
  );
  const held = result.rateHeld
    ? ''
    : paint('yellow', 'This machine did not hold the rate, so the latencies say little.\n');
  return [
    `${lines.join('\n')}\n`,
    `${latency}${held}`,
    messagesText(result, paint),
    ...sites.map((site) => sampleText(site, paint)),
    result.kept ? keptText(result, paint) : goneText(),
    paint(
      good ? 'green' : 'red',
      good ? 'Every reading is there, once.\n' : 'Some readings were lost or doubled.\n',
    ),
  ].join('\n');
}

const messagesText = ({ messages }: DemoResult, paint: Paint) =>
  `${paint('bold', 'What the notifier said')}: dds logs central/notifier\n${messages.join('\n')}\n`;

function sampleText({ site, columns, samples }: DemoSite, paint: Paint): string {
  const rows = samples.map((row) => row.map((cell) => String(cell ?? '')));
  return `${paint('bold', site)}: select * from temperature_data\n${formatTable(columns, rows)}`;
}

function keptText({ sites, directory }: DemoResult, paint: Paint): string {
  const table = formatTable(
    ['SITE', 'KAFKA', 'SCHEMA REGISTRY'],
    sites.map(({ endpoints }) => [endpoints.site, endpoints.brokers.join(','), endpoints.registryUrl]),
    { paint },
  );
  return `${table}
The stack is still running. Go on with:
  cd ${directory}
  dds status
  dds tail temperature-data
  dds simulate --rate 10000
  dds query 'select site, count(*) from temperature_data group by site'
  dds down --purge
`;
}

/** `npx dds demo` was typed by somebody who has no `dds` in their path. */
const typed = () => (process.env.npm_command === 'exec' ? 'npx dds' : 'dds');

const goneText = () => `The stack is gone again. To have one of your own:
  ${typed()} up --sites 2
  ${typed()} simulate --rate 10000
  ${typed()} tail
`;
