import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Workspace, workspace } from '../support/cli.ts';
import { startConsumer } from '../support/consumer.ts';
import { examplesOf, expectWorks, prepare, runningIds } from '../support/examples.ts';
import { type Shell, type ShellOptions, shellIn } from '../support/shell.ts';
import { query, status, until } from '../support/stack.ts';

/** End the stack, or a job that lasts until it is stopped. */
const last = [
  'node:stop',
  'node:start',
  'unregister',
  'groups:delete',
  'topics:delete',
  'schemas:delete',
  'streams:reset',
  'restart',
  'stop',
  'start',
  'down',
];

const running = runningIds.sort((a, b) => last.indexOf(a) - last.indexOf(b) || a.localeCompare(b));

let lab: Workspace;
/** The ports of the documentation, and those that the stack really has. */
const ports = new Map<string, string>();
const withOurPorts = (example: string) =>
  example.replaceAll(/127\.0\.0\.1:\d+/g, (address) => ports.get(address) ?? address);
let shell: Shell;
beforeAll(async () => {
  lab = workspace();
  prepare(lab);
  shell = shellIn(lab);
  for (const line of [
    'dds up --sites 2',
    'dds simulate --count 200 --rate max',
    'dds register sensor-type pt100',
    'dds register device boiler-1',
    'dds topics create flow --partitions 2 --site all',
  ])
    expect(await shell(line), line).toMatchObject({ code: 0 });
  // What examples name: a group that has read, and what a sensor needs.
  for (const { site, brokers, wanBrokers, registryUrl } of (await status(lab)).sites) {
    const offset = 100 * Number(/\d+$/.exec(site)?.[0] ?? 0);
    ports.set(`127.0.0.1:${9092 + offset}`, brokers[0]!);
    ports.set(`127.0.0.1:${9093 + offset}`, wanBrokers[0]!);
    ports.set(`127.0.0.1:${8081 + offset}`, new URL(registryUrl).host);
    await using reader = await startConsumer(brokers, { group: 'my-app', topic: 'temperature-data' });
    await reader.read(1);
  }
  await until(
    () => query(lab, 'central', 'select count(*)::int as n from temperature_data'),
    ([row]) => Number(row?.n) === 200,
  );
}, 120_000);
afterAll(() => lab[Symbol.asyncDispose]());

/** Examples that go on for ever, or for minutes: what they show when they work, and a line that is typed meanwhile, until they do. */
const endless: { example: RegExp; shows: RegExp; meanwhile?: string }[] = [
  {
    example: /^dds tail( '.*)?$/,
    shows: /"topic":"temperature-data"/,
    meanwhile: 'dds simulate --count 10 --rate max',
  },
  { example: /^dds logs -f$/, shows: /central\/site +info +ready/ },
  { example: /^dds top$/, shows: /(^.* {2}ready .*\n){2}/m },
  { example: /^dds run /, shows: / is ready"/ },
  { example: /^dds simulate --(sensors|site) /, shows: /^/, meanwhile: 'dds tail temperature-data -c 10' },
];

const enoughOf = (example: string): ShellOptions => {
  const one = endless.find((each) => each.example.test(example));
  if (!one) return {};
  const { shows, meanwhile } = one;
  const enough = (output: () => string) =>
    until(
      async () => {
        if (meanwhile) await shell(meanwhile);
        return output();
      },
      (text) => shows.test(text),
    );
  return { enough };
};

test.each(running)('dds %s: its examples work', { timeout: 120_000 }, async (id) => {
  const examples = examplesOf(id.replaceAll(' ', ':'));
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) await expectWorks(shell, withOurPorts(example), enoughOf(example));
});
