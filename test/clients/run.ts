/**
 * Runs the script of operations with every client against an embedded broker, and writes docs/clients.md from it:
 *   npm run test:clients                               all, installing what is missing into .cache/clients
 *   npm run test:clients -- --quick                    those that install in seconds; writes no page
 *   npm run test:clients -- --only kafkajs,franz-go    these; writes no page
 * Ends with 1 when an operation failed. A client whose tools are missing is passed over with a line.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { startBroker } from '../support/broker.ts';
import { type Client, cache, clients } from './clients.ts';
import { type Outcome, operations } from './operations.ts';
import { clientsPage, type Ran } from './page.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const only = values.only?.split(',');
const chosen = clients.filter(({ name, quick }) => (only ? only.includes(name) : quick || !values.quick));
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Every operation once: what the program did not tell of has failed. */
function complete(outcomes: Outcome[], end: string): Outcome[] {
  return operations.map(
    (op) => outcomes.find((one) => one.op === op) ?? { op, ok: false, detail: `not told; ${end}` },
  );
}

async function run(client: Client, brokers: string[], prefix: string): Promise<Outcome[]> {
  const [file, ...args] = client.command();
  const jarFolder = client.name === 'console tools' ? [join(cache, 'console-tools-4.4.0')] : [];
  const ended = await execa(file!, [...args, brokers.join(','), prefix, ...jarFolder], {
    ...{ reject: false, timeout: 600_000, lines: true },
  });
  const told = ended.stdout.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Outcome);
  return complete(told, ended.stderr.at(-1) ?? `exit code ${ended.exitCode}`);
}

const dataDir = mkdtempSync(join(tmpdir(), 'dds-clients-'));
const ran: Ran[] = [];
try {
  await using running = await startBroker({ dataDir });
  for (const [i, client] of chosen.entries()) {
    let version: string;
    try {
      version = await client.install();
    } catch (error) {
      print(`${client.name}: not installed, passed over (${(error as Error).message.split('\n')[0]})`);
      continue;
    }
    const begun = performance.now();
    const outcomes = await run(client, running.brokers, `client-${i}`);
    const seconds = (performance.now() - begun) / 1000;
    ran.push({ name: client.name, language: client.language, version, outcomes });
    const count = (ok: boolean | null) => outcomes.filter((outcome) => outcome.ok === ok).length;
    print(
      `${client.name} ${version}: ${count(true)} done, ${count(false)} failed, ${count(null)} not there; ${seconds.toFixed(0)} s`,
    );
    for (const { op, detail } of outcomes.filter(({ ok }) => ok === false)) print(`  ${op}: ${detail}`);
  }
} finally {
  rmSync(dataDir, { recursive: true });
}
if (ran.some(({ outcomes }) => outcomes.some(({ ok }) => ok === false)) || ran.length === 0)
  process.exitCode = 1;
if (ran.length === clients.length)
  writeFileSync(new URL('../../docs/clients.md', import.meta.url), clientsPage(ran));
