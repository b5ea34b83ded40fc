import { expect, test } from 'vitest';
import { handlers } from '../../src/runtime/broker/handlers/index.ts';
import { fuzzBroker } from '../support/broker-fuzz.ts';

test('mutated requests over every API and version: no crash, no hang, no memory that stays', async () => {
  const seed = Number(process.env.DDS_FUZZ_SEED ?? Date.now() % 1_000_000);
  process.stdout.write(`fuzz: DDS_FUZZ_SEED=${seed}\n`);
  const result = await fuzzBroker({ seed, durationMs: 12_000 });
  const { requests, answered, closed, bytesBefore, bytesAfter } = result;
  const mib = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  process.stdout.write(
    `fuzz: ${requests} requests, ${answered} answered, ${closed} connections closed; heap ${mib(bytesBefore)} MiB, then ${mib(bytesAfter)} MiB\n`,
  );
  expect(result.findings, `seed ${seed}`).toEqual([]);
  expect(answered).toBeGreaterThan(1000);
  expect(closed).toBeGreaterThan(100);
  expect(Object.keys(result.byApi)).toHaveLength(handlers.length);
}, 60_000);
