import { expect } from 'vitest';
import { type ErrorCode, errorTable } from '../../src/errors/index.ts';
import type { CliResult, Workspace } from './cli.ts';

/** One line that says what was wrong, one that says what to do, the code's exit code, and nothing else. */
export function expectError(result: CliResult, code: ErrorCode, message: string | RegExp): void {
  expect(result.stderr).toMatch(message);
  expect(result.stderr).toMatch(new RegExp(`^error: [^\\n]+\\n  [^\\n]+ \\(${code}\\)\\n$`));
  expect(result).toMatchObject({ code: errorTable[code].exitCode, stdout: '' });
}

/** The same in both forms: as lines on stderr, and under `--json` as one value on stdout. */
export async function expectRefusal(
  space: Workspace,
  args: readonly string[],
  code: ErrorCode,
  message: string | RegExp,
): Promise<void> {
  const [text, json] = await Promise.all([space.dds(args), space.dds([...args, '--json'])]);
  expectError(text, code, message);
  expect(json).toMatchObject({ code: errorTable[code].exitCode, stderr: '' });
  const { error } = JSON.parse(json.stdout);
  expect(error).toMatchObject({ code, exitCode: errorTable[code].exitCode });
  expect(error.message).toMatch(message);
  expect(text.stdout + text.stderr + json.stdout).not.toContain(String.fromCharCode(27));
}
