/**
 * Sends mutated requests over every API to a broker; prints what it found and ends with 1 when that is anything.
 * Run: node scripts/fuzz.ts [--minutes 10] [--seed N]
 */
import { parseArgs } from 'node:util';
import { fuzzBroker } from '../test/support/broker-fuzz.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes ?? 10);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

process.stdout.write(`fuzzing for ${minutes} min with --seed ${seed}\n`);
const result = await fuzzBroker({ seed, durationMs: minutes * 60_000 });
const { requests, answered, closed, byApi, bytesBefore, bytesAfter, findings } = result;
for (const [api, count] of Object.entries(byApi).sort()) process.stdout.write(`${api.padEnd(28)} ${count}\n`);
process.stdout.write(
  `${requests} requests, ${answered} answered, ${closed} connections closed; heap ${mib(bytesBefore)} before, ${mib(bytesAfter)} after\n`,
);
for (const finding of findings) process.stdout.write(`FOUND ${finding}\n`);
if (findings.length > 0) process.exitCode = 1;
