import { expect } from 'vitest';
import type { CliResult, Workspace } from '../cli.ts';

export type LabEngine = 'embedded' | 'docker';

/**
 * The example with two edges, with what the engine has by default. Starts it, or takes over what is left of it. Containers take
 * their time, above all beside other work.
 */
export async function upExample(space: Workspace, engine: LabEngine): Promise<CliResult> {
  const args = ['up', '--sites', '2', '--engine', engine, '--ports', 'auto'];
  const result = await space.dds(args, { timeoutMs: 360_000 });
  expect(result.code, result.stderr).toBe(0);
  return result;
}
