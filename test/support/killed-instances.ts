import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { moments } from './dying-kafka.ts';
import { type Bench, reaches, some } from './streams-bench.ts';

export const instanceEntry = fileURLToPath(new URL('./streams-process.ts', import.meta.url));

/** Options of an instance that is known as dead soon. */
export const exactly = {
  guarantee: 'exactly-once',
  transactionTimeoutMs: 1000,
  sessionTimeoutMs: 1000,
} as const;

/**
 * Counts words with instances that kill themselves, one at each moment, and with an heir at last, whose store has to be that of a
 * sequential count. The words, in order.
 */
export async function killedAtEveryMoment(lab: Bench, how: 'by-key' | 'repartitioned'): Promise<string[]> {
  const all = some(500, 3);
  await lab.write(all);
  const first = await lab.start({ ...exactly });
  await reaches('the first count', () => [first], all);
  await first.close();
  for (const [round, moment] of moments.entries()) {
    const list = some(1000, round);
    all.push(...list);
    await lab.write(list.slice(0, 500));
    // One that has a name aborts what its predecessor left open; the others have to wait for that.
    const name = round % 2 === 0 ? 'one' : '';
    const instance = fork(instanceEntry, [lab.brokers[0]!, how, moment, '2', name]);
    const died = once(instance, 'exit');
    await Promise.race([once(instance, 'message'), died]);
    // So that there is a second commit, whatever the first one had.
    await lab.write(list.slice(500));
    const [, signal] = (await died) as [unknown, string];
    expect(signal, moment).toBe('SIGKILL');
  }
  const heir = await lab.start({ ...exactly });
  await reaches('the count of the heir', () => [heir], all);
  await heir.close();
  return all;
}
