import { afterAll, describe, it } from 'vitest';
import { type Workspace, workspace } from '../../cli.ts';
import type { LabEngine } from '../lab-engine.ts';
import { runSeed } from './run-seed.ts';
import { SeedLab } from './seed-lab.ts';

/** Which seeds a run has: two of them with all other tests; `npm run test:seeds` asks for others. */
function seedsToRun(): number[] {
  const { DDS_TEST_SEEDS = '2', DDS_TEST_FIRST_SEED = '1' } = process.env;
  return Array.from({ length: Number(DDS_TEST_SEEDS) }, (_, i) => Number(DDS_TEST_FIRST_SEED) + i);
}

/**
 * A test for each seed. Embedded stacks are new ones, several at once: what takes time is mostly waiting. Containers take long to
 * start, so all seeds of a run share theirs. A seed that fails keeps its directory, and says how to run it again.
 */
export function testSeeds(engine: LabEngine, open: () => Workspace = workspace): void {
  const isShared = engine === 'docker';
  let shared: Promise<SeedLab> | null = null;
  const openLab = async () => {
    const lab = new SeedLab(open(), engine);
    try {
      await lab.up();
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  };
  describe(`sensors to sink under SIGKILL, ${engine}`, () => {
    afterAll(async () => (await shared)?.[Symbol.asyncDispose](), 180_000);
    const seeds = seedsToRun();
    // A few, beside all other tests, one after the other.
    const test = isShared || seeds.length < 3 ? it : it.concurrent;
    test.each(seeds)('seed %i: stores and events are those of a sequential run', async (seed) => {
      if (isShared) shared ??= openLab();
      const lab = await (shared ?? openLab());
      const began = performance.now();
      try {
        const { readings, events, blows, wrong } = await runSeed(lab, seed);
        const seconds = ((performance.now() - began) / 1000).toFixed(1);
        const killed = blows.map(({ victim, after }) => `${victim} at ${after}`).join(', ');
        process.stderr.write(
          `seed ${seed}, ${engine}: ${readings} readings, ${events} events, ${seconds} s; killed ${killed}\n`,
        );
        if (wrong.length > 0) throw new Error(wrong.join('\n'));
      } catch (error) {
        shared = null;
        const again = `npm run test:seeds -- --engine ${engine} --first ${seed} --seeds 1`;
        throw new Error(`${(error as Error).message}\nKept: ${await lab.keep()}\nAgain: ${again}`, {
          cause: error,
        });
      }
      if (!isShared) await lab[Symbol.asyncDispose]();
    });
  });
}
