/**
 * Runs the whole pipeline under SIGKILL, once for each seed; ends with 1 when one is not exactly once.
 * Run: npm run test:seeds -- [--engine embedded|docker] [--seeds 20] [--first 1]
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const options = { engine: { type: 'string' }, seeds: { type: 'string' }, first: { type: 'string' } } as const;
const { engine = 'embedded', seeds = '20', first = '1' } = parseArgs({ options }).values;
const files: Record<string, string> = {
  embedded: 'test/e2e/seeds.test.ts',
  docker: 'test/docker/seeds.test.ts',
};
if (!files[engine] || !/^[1-9]\d*$/.test(seeds) || !/^\d+$/.test(first)) {
  process.stderr.write(
    `--engine ${engine} --seeds ${seeds} --first ${first}: an engine of embedded and docker, and whole numbers\n`,
  );
  process.exit(2);
}
// Embedded stacks run beside each other: the first failure must not cut the others off, which would be left running.
const how = engine === 'docker' ? ['--bail', '1'] : ['--maxConcurrency', '3'];
const { status } = spawnSync('vitest', ['run', files[engine], ...how], {
  stdio: 'inherit',
  env: { ...process.env, DDS_TEST_SEEDS: seeds, DDS_TEST_FIRST_SEED: first },
});
process.exit(status ?? 1);
