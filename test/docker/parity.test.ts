import { expect, test } from 'vitest';
import { parity } from '../../src/runtime/data/parity/parity.ts';
import { systemClock } from '../../src/shared/clock.ts';

test('the embedded broker answers as Apache Kafka does, but for what is accepted with its reason', async () => {
  const context = {
    ...{ cwd: process.cwd(), env: process.env, clock: systemClock, report: () => undefined },
    signal: new AbortController().signal,
  };
  const { differences, stale, requests } = await parity({}, context);
  expect(requests).toBeGreaterThan(900);
  expect(differences.filter(({ reason }) => reason === null)).toEqual([]);
  expect(stale).toEqual([]);
}, 300_000);
