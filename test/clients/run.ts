/**
 * Runs the script of operations with every client against an embedded broker, and the programs after it:
 *   npm run test:clients                               all, installing what is missing into .cache/clients
 *   npm run test:clients -- --quick                    those that install in seconds
 *   npm run test:clients -- --only kafkajs,franz-go    these
 * A run in which nothing is passed over writes docs/clients.md. Ends with 1 when something failed, or nothing ran. What
 * lacks its tools is passed over with a line.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { execa } from 'execa';
import { startBroker } from '../support/broker.ts';
import { type Client, cache, clients, jars } from './clients.ts';
import { type Outcome, operations } from './operations.ts';
import { clientsPage, type Done, type Ran } from './page.ts';
import { type Program, programs } from './programs.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const only = values.only?.split(',');
const isChosen = ({ name, quick = false }: { name: string; quick?: boolean }) =>
  only ? only.includes(name) : quick || !values.quick;
const print = (line: string) => process.stdout.write(`${line}\n`);

/** Every operation once: what the program did not tell of has failed. */
const complete = (outcomes: Outcome[], end: string): Outcome[] =>
  operations.map(
    (op) => outcomes.find((one) => one.op === op) ?? { op, ok: false, detail: `not told; ${end}` },
  );

async function runClient(client: Client, version: string, brokers: string, prefix: string): Promise<Ran> {
  const [file, ...args] = client.command();
  const jarFolder = client.name === 'console tools' ? [await jars('console-tools')] : [];
  const begun = performance.now();
  const ended = await execa(file!, [...args, brokers, prefix, ...jarFolder], {
    ...{ reject: false, timeout: 900_000, lines: true },
  });
  const told = ended.stdout.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Outcome);
  const outcomes = complete(told, ended.stderr.at(-1) ?? `exit code ${ended.exitCode}`);
  const count = (ok: boolean | null) => outcomes.filter((outcome) => outcome.ok === ok).length;
  const counts = `${count(true)} done, ${count(false)} failed, ${count(null)} not there`;
  print(`${client.name} ${version}: ${counts}; ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  for (const { op, detail } of outcomes.filter(({ ok }) => ok === false)) print(`  ${op}: ${detail}`);
  return { name: client.name, language: client.language, version, outcomes };
}

async function runProgram({ name, run }: Program, version: string): Promise<Done> {
  const outcome = await run().then(
    (detail) => ({ ok: true, detail }),
    (error: unknown) => ({ ok: false, detail: (error as Error).message }),
  );
  print(`${name} ${version}: ${outcome.ok ? '' : 'failed: '}${outcome.detail}`);
  return { name, version, ...outcome };
}

/** The version of what is installed; null, with a line, where that cannot be. */
async function installed({ name, install }: Client | Program): Promise<string | null> {
  try {
    return await install();
  } catch (error) {
    print(`${name}: not installed, passed over (${(error as Error).message.split('\n')[0]})`);
    return null;
  }
}

mkdirSync(cache, { recursive: true });
const ran: Ran[] = [];
const done: Done[] = [];
const dataDir = mkdtempSync(join(tmpdir(), 'dds-clients-'));
try {
  await using running = await startBroker({ dataDir });
  for (const [i, client] of clients.filter(isChosen).entries()) {
    const version = await installed(client);
    if (version !== null) ran.push(await runClient(client, version, running.brokers[0]!, `client-${i}`));
  }
} finally {
  rmSync(dataDir, { recursive: true });
}
for (const program of programs.filter(isChosen)) {
  const version = await installed(program);
  if (version !== null) done.push(await runProgram(program, version));
}
if (ran.length === clients.length && done.length === programs.length) {
  writeFileSync(new URL('../../docs/clients.md', import.meta.url), clientsPage(ran, done));
  print('docs/clients.md is written');
}
const outcomes = ran.flatMap((client) => client.outcomes);
const count = (ok: boolean | null) => [...outcomes, ...done].filter((one) => one.ok === ok).length;
if (count(false) > 0 || ran.length + done.length === 0) process.exitCode = 1;
const names = [...ran, ...done].map(({ name }) => name).join(', ') || 'none';
print(`clients (${names}): ${count(true)} done, ${count(false)} failed, ${count(null)} not there`);
