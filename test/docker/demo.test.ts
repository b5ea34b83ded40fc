import { expect, test } from 'vitest';
import { workspace } from '../support/cli.ts';
import { leftOf, nothing } from './docker.ts';

test('the demo runs on containers: nothing lost, nothing doubled, nothing left', async () => {
  await using space = workspace();
  const demo = await space.dds(['demo', '--engine', 'docker', '--json'], {
    timeoutMs: 500_000,
    env: { TMPDIR: space.directory },
  });
  expect(demo.code, demo.stderr).toBe(0);
  const result = JSON.parse(demo.stdout) as Record<'acked' | 'atEdges' | 'atCentre', number>;
  expect(result.acked).toBeGreaterThan(20_000);
  expect(result).toMatchObject({ atEdges: result.acked, atCentre: result.acked, lost: 0, doubled: 0 });
  expect(leftOf(space)).toEqual(nothing);
});
